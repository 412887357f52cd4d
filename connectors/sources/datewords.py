"""The words that dates are made of in the languages feeds are written in: months, weekdays, halves of the day, zones.

Keys are lower case, without the full stop of an abbreviation. A word that means two things in two languages (Portuguese "mar",
Dutch "mar"; but Finnish "marraskuu") stands here only when all of them mean the same month. Names after the CLDR; zones after
RFC 822, RFC 5322 and the IANA zone files' abbreviations that mean one offset.
"""

_MONTH_NAMES = (
    # one line a month: English, French, German, Spanish, Italian, Portuguese, Dutch, Scandinavian, Polish, Czech, Russian,
    # Ukrainian, Turkish, Hungarian, Greek, Indonesian, Romanian, Arabic (Egypt and Levant), Persian calendar left out
    "jan january janv janvier januar jänner jän enero ene gennaio gen janeiro januari stycznia stycznień sty ledna leden января январь янв січня січень січ ocak oca január ιανουαρίου ιανουάριος ιαν ianuarie ian يناير",
    "feb february févr fevr fév février fevrier februar febrero febbraio fevereiro fev februari lutego luty února únor февраля февраль фев февр лютого лютий лют şubat şub február φεβρουαρίου φεβρουάριος φεβ φεβρ februarie فبراير",
    "mar march mars märz maerz mär mrz marzo março marco maart mrt marca marzec března březen марта март мар березня березень бер mart március márc μαρτίου μάρτιος μαρ μάρ maret martie مارس",
    "apr april avr avril abril abr aprile kwietnia kwiecień kwi dubna duben апреля апрель апр квітня квітень кві nisan nis április ápr απριλίου απρίλιος απρ aprilie أبريل",
    "may mai mayo maggio mag maio mei maj května květen мая май травня травень тра mayıs május máj μαΐου μάιος μαι μάι مايو",
    "jun june juin juni junio giugno giu junho czerwca czerwiec cze června červen июня июнь июн червня червень чер haziran haz június jún ιουνίου ιούνιος ιουν ιούν iunie iun يونيو",
    "jul july juil juillet juli julio luglio lug julho lipca lipiec lip července červenec июля июль июл липня липень temmuz tem július júl ιουλίου ιούλιος ιουλ ιούλ iulie iul يوليو",
    "aug august août aout agosto ago augustus augusti sierpnia sierpień sie srpna srpen августа август авг серпня серпень сер ağustos ağu augusztus αυγούστου αύγουστος αυγ agustus agu أغسطس",
    "sep sept september septembre septiembre settembre set setembro września wrzesień wrz září сентября сентябрь сен сент вересня вересень вер eylül eyl szeptember szept σεπτεμβρίου σεπτέμβριος σεπ σεπτ septembrie سبتمبر",
    "oct october octobre oktober okt octubre ottobre ott outubro out października październik paź října říjen октября октябрь окт жовтня жовтень жов ekim eki október οκτωβρίου οκτώβριος οκτ octombrie أكتوبر",
    "nov november novembre noviembre novembro ноября ноябрь ноя нояб листопада листопад лис kasım kas νοεμβρίου νοέμβριος νοε νοέ noiembrie noi نوفمبر",
    "dec december déc decembre décembre dezember dez diciembre dic dicembre dezembro desember des grudnia grudzień gru prosince prosinec декабря декабрь дек грудня грудень гру aralık ara δεκεμβρίου δεκέμβριος δεκ decembrie ديسمبر",
)  # fmt: skip
MONTHS: dict[str, int] = {word: number for number, line in enumerate(_MONTH_NAMES, 1) for word in line.split()}
"""Month by its name; 1 is January. "listopad" is left out: November in Polish and Czech, October in Croatian."""

_WEEKDAY_NAMES = (
    "mon monday lun lundi montag mo lunes lunedì segunda segunda-feira maandag måndag mandag poniedziałek pon pondělí понедельник пн понеділок pazartesi pzt hétfő δευτέρα δευ senin luni 월 月曜日 星期一",
    "tue tues tuesday mar mardi dienstag di martes martedì terça terça-feira dinsdag tisdag tirsdag wtorek wt úterý вторник вт вівторок salı kedd τρίτη τρι selasa marți 화 火曜日 星期二",
    "wed weds wednesday mer mercredi mittwoch mi mié miércoles mercoledì quarta quarta-feira woensdag onsdag środa śr středa среда ср середа çarşamba çar szerda τετάρτη τετ rabu miercuri 수 水曜日 星期三",
    "thu thur thurs thursday jeu jeudi donnerstag do jue jueves giovedì gio quinta quinta-feira donderdag torsdag czwartek czw čtvrtek четверг чт четвер perşembe per csütörtök πέμπτη πεμ πέμ kamis joi 목 木曜日 星期四",
    "fri friday ven vendredi freitag fr vie viernes venerdì sexta sexta-feira vrijdag fredag piątek pt pátek пятница пт п'ятниця cuma péntek παρασκευή παρ jumat vineri 금 金曜日 星期五",
    "sat saturday sam samedi samstag sonnabend sa sáb sábado sabato sab zaterdag lördag lørdag sobota sob суббота сб субота cumartesi cmt szombat σάββατο σαβ σάβ sabtu sâmbătă 토 土曜日 星期六",
    "sun sunday dim dimanche sonntag so dom domingo domenica zondag söndag søndag niedziela nie neděle воскресенье вс неділя pazar paz vasárnap κυριακή κυρ minggu duminică 일 日曜日 星期日",
)  # fmt: skip
WEEKDAYS: dict[str, int] = {word: number for number, line in enumerate(_WEEKDAY_NAMES) for word in line.split()}
"""Weekday by its name; 0 is Monday."""

KOREAN_HALVES = frozenset({"오전", "오후"})
MORNING = frozenset({"am", "오전", "上午", "午前", "πμ", "π.μ"})
AFTERNOON = frozenset({"pm", "오후", "下午", "午後", "μμ", "μ.μ"})

IGNORED = frozenset({"-", "–", "|", "at", "um", "à", "a", "las", "de", "of", "the", "le", "den", "der", "del", "alle", "в", "г", "г.", "uhr", "hrs", "h", "about", "date:", "published", "on", "·"})  # fmt: skip
"""Words that stand between the parts and change nothing."""

US_ZONES: dict[str, float] = {
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
}  # fmt: skip
"""RFC 822's zones, and those of the other American states."""
US_TIMES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "est5edt": "America/New_York", "cst6cdt": "America/Chicago", "mst7mdt": "America/Denver", "pst8pdt": "America/Los_Angeles",
}  # fmt: skip
"""Whether these mean summer time is told by the date."""
ZONE_HOURS: dict[str, float] = US_ZONES | {
    "z": 0, "ut": 0, "gmt": 0, "utc": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mez": 1, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "msd": 4, "trt": 3, "sast": 2, "eat": 3, "wat": 1, "cat": 2, "pkt": 5, "wib": 7, "wita": 8, "hkt": 8,
    "sgt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "nst": -3.5, "ndt": -2.5, "adt": -3, "brt": -3, "art": -3, "clt": -4, "npt": 5.75,
}  # fmt: skip
"""Hours east of Greenwich, for abbreviations that mean one offset."""
