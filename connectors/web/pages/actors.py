"""An actor: its names and who uses them, what it belongs to, and its alerts over time."""

from aiohttp import web

from connectors.web.chart import bars
from connectors.web.query import PAGE, named
from connectors.web.render import page
from connectors.web.storage import STORAGE
from pipeline.store.connection import Connection
from pipeline.store.current_knowledge import knowledge_in_force
from pipeline.store.search import Wanted, activity, find_alerts
from pipeline.text.knowledge import Knowledge, Subject, SubjectId

DAYS = 60

routes = web.RouteTableDef()


@routes.get("/actors/{actor}")
async def actor(request: web.Request) -> web.Response:
    """The page of an actor, known or only named."""
    name = named(request, "actor")

    def read(connection: Connection) -> dict[str, object]:
        knowledge = knowledge_in_force(connection)
        subject = knowledge.subject(SubjectId(name))
        return {
            "name": subject.name if subject else name,
            "id": name,
            "subject": subject,
            "kin": kin_of(knowledge, subject) if subject else (),
            "found": find_alerts(connection, Wanted(actor=name, over=True), most=PAGE),
            "bars": bars(activity(connection, days=DAYS, actor=name), DAYS),
            "span": DAYS,
        }

    return page(request, "actor.html", await request.app[STORAGE].run(read))


def kin_of(knowledge: Knowledge, subject: Subject) -> list[tuple[str, Subject]]:
    """Whom it belongs to, broke away from, and who belongs to it."""
    found = [("branch of", subject.parent), ("broke away from", subject.splinter_of)]
    kin = [(how, one) for how, other in found if other and (one := knowledge.subject(other))]
    return kin + [("has the branch", one) for one in knowledge.subjects() if one.parent == subject.id]
