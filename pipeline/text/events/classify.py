"""From a trigger and its company to a class: which ACLED sub-type an action is.

A `Scene` is one sentence with its cues. `classify` reads the trigger's action, the actors, weapons and crowds beside it, and answers an
EventClass or None (the words tell of no event: "dead" without anyone's doing). Pure look-ups, nothing fails.
"""

from dataclasses import dataclass
from functools import cached_property

from pipeline.text.events.lexicon import Cue
from pipeline.text.events.ontology import EventClass, class_named
from pipeline.text.events.parties import THINGS
from pipeline.text.events.tokens import Sentence

_CYBER = {
    "cyber-intrusion": "Intrusion",
    "cyber-ransomware": "Ransomware",
    "cyber-leak": "Data leak",
    "cyber-dos": "Denial of service",
    "cyber-deface": "Defacement",
    "cyber-exploit": "Exploitation",
    "cyber-takedown": "Takedown",
}
_PLAIN = {
    "suicide-bomb": "Suicide bomb",
    "grenade": "Grenade",
    "chemical": "Chemical weapon",
    "abduct": "Abduction/forced disappearance",
    "sexual": "Sexual violence",
    "mob": "Mob violence",
    "release": "Strategic developments/Other",
    "surrender": "Change to group/activity",
    "displace": "Strategic developments/Other",
    "disrupt-weapons": "Disrupted weapons use",
    "base": "Headquarters or base established",
    "agree": "Agreement",
    "group-change": "Change to group/activity",
    "strategic-other": "Strategic developments/Other",
    "crime": "Organized crime",
    "attribute": "Attribution of responsibility",
    "disaster": "Natural disaster",
    "accident": "Man-made disaster",
    **_CYBER,
}
_WARNINGS = frozenset(
    ("fire warning shots", "warning shots", "fire in the air", "fire into the air", "fire shots in the air")
)
_FIGHT = frozenset(
    "action.clash action.kill action.shoot action.attack action.shell action.airstrike action.explode".split()
)
_BY_FORCE = ("capture", "recapture", "retake", "seize", "overrun", "conquer", "wrest", "storm", "win back")
_PEACEFULLY = frozenset("peacefully negotiations negotiated unopposed accord bloodless handed".split())
_FAINT_DIPLOMACY = frozenset(
    (
        "diplomat",
        "ambassador",
        "foreign minister",
        "special envoy",
        "secretary of state",
        "foreign ministry",
        "welcome",
        "discuss",
        "urge",
        "call for",
        "call on",
        "condemn",
        "visit",
        "reiterate",
        "resolution",
        "dialogue",
    )
)


@dataclass
class Scene:
    """A sentence and its cues."""

    sentence: Sentence
    cues: tuple[Cue, ...]

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Kinds of all cues."""
        return frozenset(cue.kind for cue in self.cues)

    @cached_property
    def actions(self) -> frozenset[str]:
        """Actions triggered."""
        return frozenset(cue.action for cue in self.cues if cue.kind.startswith("action."))

    def has(self, *kinds: str) -> bool:
        """Whether any of the kinds is there."""
        return any(kind in self.kinds for kind in kinds)

    def near(self, kind: str, cue: Cue, words: int) -> bool:
        """Whether a cue of `kind` stands within so many words of `cue`."""
        return any(c.kind == kind and c.first < cue.last + words and cue.first < c.last + words for c in self.cues)

    @cached_property
    def is_protest(self) -> bool:
        """Whether people demonstrate in it."""
        return "action.protest" in self.kinds


def _by_weapon(scene: Scene) -> str | None:
    """The sub-type that the weapon alone decides."""
    if scene.has("action.suicide-bomb", "weapon.suicide"):
        return "Suicide bomb"
    if scene.has("action.chemical", "weapon.chemical") and "plant" not in scene.sentence.words:
        return "Chemical weapon"
    if scene.has("action.airstrike", "weapon.aircraft"):
        return "Air/drone strike"
    if scene.has("action.grenade", "weapon.grenade"):
        return "Grenade"
    if scene.has("action.shell", "weapon.artillery"):
        return "Shelling/artillery/missile attack"
    if scene.has("weapon.explosive", "action.explode"):
        return "Remote explosive/landmine/IED"
    return None


def _two_sides(scene: Scene) -> bool:
    """Whether fighters and forces of the state meet; those who only report it ("police said") take no part."""
    return scene.has("context.armed") and any(c.kind == "context.state" and not _speaks(scene, c) for c in scene.cues)


def _speaks(scene: Scene, cue: Cue) -> bool:
    words = scene.sentence.words
    return bool(set(words[cue.last : cue.last + 3]) & _SAYING) or words[max(0, cue.first - 2) : cue.first][-2:] == (
        "according",
        "to",
    )


_SAYING = frozenset(
    "said says say told added reported confirmed announced spokesman spokeswoman officials sources chief".split()
)


def _protest(scene: Scene) -> str:
    lethal = scene.has("context.lethal", "action.kill", "action.shoot") and not _only_warns(scene)
    if (
        scene.has("context.state", "action.intervene")
        and lethal
        and scene.has("action.intervene", "action.shoot", "action.kill")
    ):
        return "Excessive force against protesters"
    if scene.has("action.riot", "action.arson", "action.loot"):
        return "Violent demonstration"
    if scene.has("action.intervene") or _detains_protesters(scene):
        return "Protest with intervention"
    return "Peaceful protest"


def _detains_protesters(scene: Scene) -> bool:
    """Whether the state arrests somebody, or those who protest are arrested by it unnamed: "activists were detained when they tried to march"."""
    arrests = [cue for cue in scene.cues if cue.kind == "action.arrest"]
    if scene.has("context.state"):
        return bool(arrests)
    return any(
        cue.form == "verb"
        and bool(_auxiliaries(scene, cue) - {"being"})  # "against being detained" tells of no arrest
        and any(c.kind == "context.protester" and cue.first - 5 <= c.first < cue.first for c in scene.cues)
        for cue in arrests
    )


def _only_warns(scene: Scene) -> bool:
    """Whether the shots go into the air and nobody is hurt."""
    warns = any(c.phrase in _WARNINGS for c in scene.cues)
    return warns and not scene.has("action.kill", "action.die", "action.wound")


def _auxiliaries(scene: Scene, cue: Cue) -> set[str]:
    """The auxiliaries of the passive right before a trigger."""
    return {"was", "were", "been", "being"} & set(scene.sentence.words[max(0, cue.first - 2) : cue.first])


def _is_crowd(scene: Scene) -> bool:
    """Whether neighbours, fans or a crowd do it, and nobody armed or of the state."""
    return scene.has("context.crowd") and not scene.has("context.armed", "context.state")


def _violence(scene: Scene, cue: Cue) -> str | None:
    """Kill, shoot, attack: by weapon, by crowd, between armed sides, or against civilians."""
    if scene.is_protest:
        return _protest(scene)
    weapon = None if _lists_kinds(scene, cue) else _by_weapon(scene)
    if weapon is not None:
        return weapon
    if _is_misfortune(scene, cue) or _is_abstract(scene, cue):
        return None
    if scene.has("action.mob") or _is_crowd(scene):
        return "Mob violence"
    if scene.has("action.sexual"):
        return "Sexual violence"
    if (
        scene.has("action.clash")
        or (_two_sides(scene) and not _hits_civilians(scene, cue))
        or _against_armed(scene, cue)
    ):
        return "Armed clash"
    return "Attack"


def _lists_kinds(scene: Scene, cue: Cue) -> bool:
    """Whether the trigger is the whole of which others are kinds: "attacks, including suicide bombings"."""
    return cue.form == "noun" and "including" in scene.sentence.words[cue.last :]


def _is_misfortune(scene: Scene, cue: Cue) -> bool:
    """Whether nature or an accident kills and strikes here, and nobody armed does."""
    if not scene.actions & {"disaster", "accident"} or cue.action == "shoot":
        return False
    return not scene.has("context.armed", "action.shoot", "weapon.firearm", "weapon.explosive", "action.clash")


def _against_armed(scene: Scene, cue: Cue) -> bool:
    """Whether fighters suffer it: "killed almost 40 militants"."""
    after = [c for c in scene.cues if cue.last <= c.first <= cue.last + 6 and c.kind.startswith("context.")]
    before = [c for c in scene.cues if cue.first - 5 <= c.first < cue.first and c.kind.startswith("context.")]
    passive = cue.inflection in {"past", "part"} and bool(_auxiliaries(scene, cue))
    suffers = before if passive else after[:1]
    return bool(suffers) and all(c.kind == "context.armed" for c in suffers)


def _has_fighters(scene: Scene) -> bool:
    fighters = ("context.armed", "context.state", "context.mob", "context.lethal", "action.protest", "action.riot")
    return scene.has(*fighters) or any(kind.startswith("weapon.") for kind in scene.kinds)


_INTENT = frozenset(
    "threatened threatens threatening vowed plans planned planning plot group movement embassies companies".split()
)


def _is_abstract(scene: Scene, cue: Cue) -> bool:
    """Whether "attack", "hit" or "target" has neither fighters, people nor buildings about it: "the protein that attacks nerves"."""
    if cue.action != "attack" or cue.form != "verb" or len(cue.phrase.split()) > 1:
        return False
    near = scene.sentence.words[max(0, cue.first - 6) : cue.last + 6]
    literal = scene.has(
        "context.civilian", "action.kill", "action.wound", "action.die", "action.arson", "action.abduct"
    )
    return not (literal or _has_fighters(scene) or set(near) & (THINGS | _INTENT))


def _hits_civilians(scene: Scene, cue: Cue) -> bool:
    """Whether the next party after an active verb are civilians: "beheaded three villagers whom they took for spies of the army"."""
    after = [c for c in scene.cues if cue.last <= c.first <= cue.last + 4 and c.kind.startswith("context.")]
    return cue.form == "verb" and bool(after) and after[0].kind == "context.civilian"


def _explosion(scene: Scene) -> str:
    weapon = _by_weapon(scene)
    if weapon not in {None, "Remote explosive/landmine/IED"}:
        return str(weapon)
    if scene.has("action.accident") and not scene.has("weapon.explosive", "context.armed"):
        return "Man-made disaster"
    return "Remote explosive/landmine/IED"


def _clash(scene: Scene) -> str | None:
    if _is_crowd(scene) and not scene.is_protest:
        return "Mob violence"
    if not _has_fighters(scene):
        return None  # "a heated battle over pay"
    if scene.is_protest:
        return "Violent demonstration" if _protest(scene) == "Peaceful protest" else _protest(scene)
    if scene.has("action.mob") and not scene.has("context.state"):
        return "Mob violence"
    if scene.has("action.riot") and not scene.has("context.armed"):
        return "Violent demonstration"
    if scene.has("context.mob") and not scene.has("context.armed", "context.state"):
        return "Mob violence"
    return "Armed clash"


def _arson(scene: Scene) -> str:
    if scene.is_protest or scene.has("action.riot"):
        return "Violent demonstration"
    if _is_crowd(scene):
        return "Mob violence"
    return "Looting/property destruction"


def _territory(scene: Scene, cue: Cue) -> str | None:
    """By who takes it: a state regains, others overtake; without a fight it is a transfer. Rioters take none."""
    if scene.has("action.riot") and not scene.has("context.armed"):
        return None
    fought = bool(scene.kinds & _FIGHT) or cue.phrase.startswith(_BY_FORCE)
    peaceful = bool(_PEACEFULLY & set(scene.sentence.words))
    if cue.action == "withdraw" and fought and not peaceful:
        return None
    if (
        cue.action == "withdraw"
        or (not fought and scene.has("action.withdraw"))
        or (peaceful and not scene.kinds & _FIGHT)
    ):
        return "Non-violent transfer of territory"
    taker = _actor(scene, cue)
    if taker is None:
        taker = "state" if cue.action == "regain" else "armed"
    return "Government regains territory" if taker == "state" else "Non-state actor overtakes territory"


_LOYAL = frozenset("government government-backed pro-government loyalist regime army-backed state-backed".split())


def _actor(scene: Scene, cue: Cue) -> str | None:
    """Whether state or armed group does it: the last actor named before the trigger, or after "by"; in the passive only after "by"."""
    words = scene.sentence.words
    actors = [c for c in scene.cues if c.kind in {"context.state", "context.armed"}]
    by = [c for c in actors if cue.last <= c.first <= cue.last + 6 and "by" in words[cue.last : c.first]]
    to = [c for c in actors if cue.last <= c.first <= cue.last + 4 and cue.form == "phrase"]
    before = [c for c in actors if c.last <= cue.first and not ({"from", "held"} & set(words[c.first - 3 : c.first]))]
    found = by[:1] or to[:1] or ([] if _auxiliaries(scene, cue) else before[-1:])
    if found and set(words[max(0, found[0].first - 3) : found[0].first]) & _LOYAL:
        return "state"
    return found[0].action if found else None


def _arrest(scene: Scene) -> str:
    if scene.is_protest:
        return _protest(scene)
    if scene.actions & _CYBER.keys():
        return "Arrest"
    if scene.has("action.crime"):
        return "Organized crime"
    return "Arrests"


def classify(scene: Scene, cue: Cue) -> EventClass | None:
    """The class of the action that `cue` triggers in its scene."""
    if _has_other_meaning(scene, cue):
        return None
    action = cue.action
    name: str | None
    if action in {"kill", "shoot", "attack"}:
        name = _violence(scene, cue)
    elif action in {"protest", "intervene"}:
        name = _protest(scene) if scene.is_protest or scene.has("context.protester") else None
    elif action == "explode":
        name = _explosion(scene)
    elif action == "shell":
        found = _by_weapon(scene)
        name = found if found in {"Air/drone strike", "Chemical weapon"} else "Shelling/artillery/missile attack"
    elif action == "airstrike":
        name = "Chemical weapon" if scene.has("weapon.chemical", "action.chemical") else "Air/drone strike"
    elif action == "clash":
        name = _clash(scene)
    elif action == "riot":
        name = (
            "Excessive force against protesters"
            if scene.is_protest and _protest(scene).startswith("Ex")
            else "Violent demonstration"
        )
    elif action == "arson":
        name = _arson(scene)
    elif action in {"regain", "overtake", "withdraw"}:
        name = _territory(scene, cue)
    elif action == "loot":
        name = None if _is_misfortune(scene, cue) else _arson(scene)
    elif action == "rob":
        name = "Looting/property destruction"
    elif action == "arrest":
        name = _arrest(scene)
    elif action == "diplomacy":
        name = "Diplomacy" if _is_diplomacy(scene, cue) else None
    elif action in {"die", "wound"}:
        name = _outcome(scene)
    else:
        name = _by_weapon(scene) if _opens_fire(scene, cue) else _PLAIN.get(action)
    return class_named(name) if name else None


def _is_about_computers(scene: Scene) -> bool:
    """Whether a noun says so: "compromise" and "infiltrate" are done to people, too."""
    return any(cue.action in _CYBER and cue.form == "noun" for cue in scene.cues)


_BODILY = (
    "action.kill",
    "action.wound",
    "action.die",
    "action.shoot",
    "action.explode",
    "action.clash",
    "action.abduct",
)


def _has_other_meaning(scene: Scene, cue: Cue) -> bool:
    """ "Hacked to death" breaks into no computer, a gang's attack on computers hits nobody, and fighters who block a road don't demonstrate."""
    if cue.action == "protest":
        return cue.phrase.startswith("block") and scene.has("context.armed")
    if cue.action in {"attack", "loot", "rob"}:  # "the ransomware gang claimed an attack", "stole patient data"
        return _is_about_computers(scene) and not scene.has(*_BODILY)
    if cue.phrase == "hack" and cue.action == "shoot":
        return not scene.has("weapon.blade", "action.kill", "action.wound", "action.die")
    if cue.action != "cyber-intrusion" or not cue.phrase.startswith("hack"):
        return False
    return scene.has("weapon.blade") or any(c.kind == "action.kill" and c.first == cue.first for c in scene.cues)


def _opens_fire(scene: Scene, cue: Cue) -> bool:
    """ "Opened artillery fire on the posts" opens no post."""
    return cue.action == "base" and "fire" in scene.sentence.words[cue.first : cue.last]


def _is_diplomacy(scene: Scene, cue: Cue) -> bool:
    """Whether states deal with each other: a diplomat or a wish alone is none."""
    phrases = {c.phrase for c in scene.cues if c.action == "diplomacy"}
    return len(phrases) > 1 or cue.phrase not in _FAINT_DIPLOMACY


def _outcome(scene: Scene) -> str | None:
    """Deaths and wounds: an event only where something else in the sentence says how."""
    if scene.actions & {"disaster", "accident"}:
        return None
    weapon = _by_weapon(scene)
    if weapon is not None:
        return weapon
    return "Armed clash" if _two_sides(scene) and scene.has("action.clash") else None


def muc4_type(found: EventClass, cue: Cue) -> str | None:
    """MUC-4 incident type: the class's own, but the trigger decides where one class holds several."""
    if cue.action == "arson":
        return "ARSON"
    if cue.action == "rob":
        return "ROBBERY"
    if cue.action == "loot":
        return "ATTACK" if found.subtype == "Looting/property destruction" else None
    return found.muc4
