"""Everybody who writes in the seeded year: the team, its contacts, and those who are no contacts.

The demo's CRM holds the same contacts by the same addresses, and a few private ones that nobody here writes as; a
test compares the two lists. All domains are
reserved (RFC 2606) and all people are invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Language = Literal["en", "de", "fr", "ja"]
Client = Literal["gmail", "outlook", "outlook-web", "apple", "thunderbird"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mail program.

    `name` is as their mail shows it, `first` how they are greeted. `charset` is what their program prefers to
    write in; it falls back to UTF-8 where it has to. `zone` is the offset from UTC in minutes. `other` is a
    second address that they sometimes write from.
    """

    name: str
    first: str
    address: str
    company: str = ""
    role: str = ""
    city: str = ""
    language: Language = "en"
    client: Client = "gmail"
    charset: str = "utf-8"
    zone: int = 60
    other: str = ""


_CHARSETS = {"l1": "iso-8859-1", "l15": "iso-8859-15", "w": "windows-1252", "jis": "iso-2022-jp", "sj": "shift_jis"}
_CLIENTS: dict[str, Client] = {
    "g": "gmail",
    "o": "outlook",
    "ow": "outlook-web",
    "a": "apple",
    "t": "thunderbird",
}

# A line a company, then a line a person: local part, name, role, mail program, charset, second address.
_CONTACTS = """
Atelier Lyon | atelier-lyon.example | Lyon | fr | 60
  ines | Ines Moreau | Head of purchasing | g | | i.moreau@mail.example
  paul | Paul Girard | Warehouse manager | t | l1
  s.marchand | Sylvie Marchand | Comptable | o | w
Hale & Co | hale.example | Bristol | en | 0
  m.hale | Marcus Hale | Managing director | a
  d.fox | Dana Fox | Office manager | ow
  o.pritchard | Owen Pritchard | Site manager | t | l1
Kowal Design | kowal.example | Gdańsk | en | 60
  tomasz | Tomasz Kowal | Partner | g
  agata | Agata Nowicka | Contracts | o
Tanaka Living | tanaka.example | Osaka | ja | 540
  yuki | 田中 由紀 | Buyer | g
  h.mori | 森 悠斗 | Logistics | t | jis
Bose Interiors | bose.example | Pune | en | 330
  priya | Priya Bose | Founder | g
  arjun | Arjun Nair | Accounts | ow
Sommer Werkstätten | sommer.example | Freiburg | de | 60
  lena | Lena Sommer | Inhaberin | a
  j.adler | Jonas Adler | Einkauf | t | l15
Fernhill Hotels | fernhill.example | Dublin | en | 0
  niamh.byrne | Niamh Byrne | Head of interiors | o
  c.doyle | Cormac Doyle | Procurement | ow
  s.walsh | Sinéad Walsh | Opening manager | o | w
Brightwater Schools | brightwater.example | Leeds | en | 0
  h.cole | Harriet Cole | Bursar | o
  s.osei | Samuel Osei | Facilities | ow
Larkspur Cafés | larkspur.example | Portland | en | -480
  jenna | Jenna Whitlock | Owner | g
  miguel | Miguel Santos | Operations | g
  grace | Grace Tan | Design | a
Pinnacle Fit-out | pinnacle-fitout.example | Manchester | en | 0
  r.khan | Rashid Khan | Project lead | o
  e.ward | Ellie Ward | Buyer | o
  t.bexley | Tom Bexley | Quantity surveyor | t
Voorn & Zonen | voorn.example | Rotterdam | en | 60
  sanne | Sanne de Vries | Sales | g
  pieter | Pieter Voorn | Director | a
Nordlys Bibliotek | nordlys.example | Oslo | en | 60
  ingrid.solheim | Ingrid Solheim | Librarian | o
  magnus.berg | Magnus Berg | Building services | ow
Castell Mobles | castell.example | Girona | en | 60
  nuria | Núria Castell | Owner | g
  pau | Pau Ferrer | Shop manager | a
Oakline Timber | oakline.example | Hereford | en | 0
  p.langley | Peter Langley | Sales | t
  j.reed | Joanna Reed | Dispatch | ow
Brasswork Fittings | brasswork.example | Birmingham | en | 0
  derek | Derek Shaw | Sales | o | w
  mina | Mina Patel | Customer service | ow
Swift Freight | swiftfreight.example | Felixstowe | en | 0
  c.jennings | Carol Jennings | Account manager | o
  a.popescu | Andrei Popescu | Dispatcher | ow
Harrow Accountants | harrow.example | Oxford | en | 0
  fiona | Fiona Harrow | Partner | o
  leon.tate | Leon Tate | Bookkeeper | ow
Meridian Press | meridian-press.example | London | en | 0
  tess | Tess Albright | Photographer | a
Quayside Offices | quayside.example | Bristol | en | 0
  g.pike | Graham Pike | Property manager | o
Aurora Coworking | aurora-desk.example | Toronto | en | -300
  chloe | Chloé Bernier | Community lead | g
  devon | Devon Clarke | Head of spaces | g
Sunder Studio | sunder.example | Melbourne | en | 600
  ruby | Ruby Nguyen | Designer | a
  jack | Jack Sunder | Director | g
Nordkontor GmbH | nordkontor.example | Hamburg | de | 60
  k.boehm | Kerstin Böhm | Einkauf | o | w
  u.petersen | Uwe Petersen | Geschäftsführer | o
  j.weiss | Jörg Weiß | Lager | t | l15
Hotel Bergmann | hotel-bergmann.example | Innsbruck | de | 60
  direktion | Katharina Bergmann | Direktion | a
  m.huber | Matthias Huber | Technik | ow
Lichthaus Köln | lichthaus.example | Köln | de | 60
  s.krueger | Sebastian Krüger | Filialleiter | g
  a.schaefer | Anke Schäfer | Buchhaltung | o | w
Schreinerei Vogt | vogt.example | Bern | de | 60
  urs | Urs Vogt | Inhaber | t | l1
  reto | Reto Zürcher | Werkstatt | a
Maison Garnier | maison-garnier.example | Bordeaux | fr | 60
  helene | Hélène Garnier | Gérante | a
  f.lefevre | François Lefèvre | Achats | o | w
Papeterie du Port | papeterie-du-port.example | Genève | fr | 60
  amelie | Amélie Rochat | Responsable | g
  benoit | Benoît Favre | Comptabilité | t | l15
Grand Hôtel des Alpes | grandhotel-alpes.example | Annecy | fr | 60
  c.perrin | Cécile Perrin | Direction | ow
  t.vidal | Thomas Vidal | Travaux | o | w
Kissa Aoi | kissa-aoi.example | Kyoto | ja | 540
  aoi | 中村 葵 | Owner | a | jis
  kenji | 伊藤 健二 | Buyer | o | sj
Ginza Bunko | ginza-bunko.example | Tokyo | ja | 540
  m.kobayashi | 小林 芽衣 | Purchasing | ow
  s.watanabe | 渡辺 颯太 | Store design | g
Bleu Outremer | bleu-outremer.example | Marseille | fr | 60
  nadia | Nadia Belkacem | Architecte | a
  julien | Julien Roussel | Chef de projet | g | | j.roussel@mail.example
Studio Halberg | halberg.example | København | en | 60
  freja | Freja Halberg | Founder | a
  anton | Anton Lund | Interior architect | g
Cedar & Pine | cedarpine.example | Seattle | en | -480
  walter | Walter Reyes | Buyer | ow
  joyce | Joyce Abara | Store manager | g
Harbourlight Inns | harbourlight.example | Boston | en | -300
  e.whitcombe | Eleanor Whitcombe | Director of design | o
  d.pryce | Desmond Pryce | Purchasing | ow
  l.marino | Lucia Marino | Project manager | o
Kita Kōgei | kita-kogei.example | Sapporo | ja | 540
  haruto | 佐々木 陽翔 | Workshop lead | t | jis
Officina Bruna | officina-bruna.example | Torino | en | 60
  elena | Elena Bruna | Titolare | a
  matteo | Matteo Conti | Produzione | g
Villa Serrano | villa-serrano.example | Sevilla | en | 60
  carmen | Carmen Serrano | Propietaria | g
Polder Interieur | polder.example | Utrecht | en | 60
  info | Polder Interieur | Inkoop | o
  joost | Joost Bakker | Inkoop | ow
  marijke | Marijke Smit | Winkel | o
Tide Architects | tide-architects.example | Plymouth | en | 0
  imogen | Imogen Pascoe | Partner | a
  callum | Callum Tregear | Project architect | a
  wren | Wren Hollis | Part II assistant | g
Moorgate Library Trust | moorgate-trust.example | London | en | 0
  b.oyelaran | Beatrice Oyelaran | Head of estates | o
  s.marlow | Stephen Marlow | Procurement | o
Elm Street Primary | elmstreet.example | Bristol | en | 0
  head | Gwen Parry | Headteacher | ow
Granit & Glas | granitglas.example | Göteborg | en | 60
  elsa | Elsa Nyström | Inköp | g
  kontakt | Granit & Glas | Butik | t | l1
Baltic Veneer | baltic-veneer.example | Rīga | en | 120
  ilze | Ilze Kalniņa | Export | o
  maris | Māris Ozols | Quality | ow
Lumen Lamps | lumen-lamps.example | Sheffield | en | 0
  farah | Farah Siddiqui | Key accounts | g
Inside Quarterly | inside-quarterly.example | London | en | 0
  rufus | Rufus Amery | Editor | a
  zoe | Zoë Lindgren | Features | a
Greenfinch Bakeries | greenfinch.example | Bath | en | 0
  ottilie | Ottilie Marsden | Founder | g
  hugh | Hugh Penrose | Operations | g
Stonebridge Clinic | stonebridge.example | Cambridge | en | 0
  a.rao | Anjali Rao | Practice manager | ow
Paddock & Sons | paddock-sons.example | York | en | 0
  george | George Paddock | Director | t
  lily | Lily Paddock | Showroom | g
Kanzlei Wieland | wieland.example | Berlin | de | 60
  f.wieland | Friederike Wieland | Rechtsanwältin | o | w
Möbelhaus Ostertag | ostertag.example | München | de | 60
  clemens | Clemens Ostertag | Inhaber | o
  b.lang | Birgit Lang | Einkauf | ow
Hakone Ryokan | hakone-ryokan.example | Hakone | ja | 540
  okami | 藤井 桜 | Okami | a
Riverside Community Trust | riverside-trust.example | Bristol | en | 0
  patrick | Patrick Adeyemi | Centre manager | g
Fjordlys Hotell | fjordlys.example | Bergen | en | 60
  astrid | Astrid Nygård | Eier | ow
  jonas | Jonas Tveit | Drift | o | w
Larch & Line | larchline.example | Denver | en | -420
  audrey | Audrey Kimball | Principal | a
  noah | Noah Castillo | Designer | g
Atelier Mirabel | mirabel.example | Bruxelles | fr | 60
  odile | Odile Vermeersch | Architecte d'intérieur | a
Kanda Living | kanda-living.example | Tokyo | ja | 540
  rin | 岡田 凛 | Merchandiser | g
  takumi | 遠藤 匠 | Warehouse | t | jis
Ashdown College | ashdown.example | Brighton | en | 0
  m.frost | Malcolm Frost | Estates manager | o
  y.bright | Yvonne Bright | Finance | ow
Cork & Sons Upholstery | cork-upholstery.example | Bristol | en | 0
  bridget | Bridget Cork | Owner | g
Herbstblatt Café | herbstblatt.example | Leipzig | de | 60
  svenja | Svenja Thiele | Inhaberin | g
Westbury Joinery | westbury-joinery.example | Westbury | en | 0
  ron | Ron Westbury | Joiner | t
"""

# People with business of another kind, or none yet: the CRM does not know them.
_STRANGERS = """
Stackbeam | stackbeam.example | Austin | en | -360
  kyle | Kyle Brandt | Growth | g
Talentia | talentia.example | London | en | 0
  zara | Zara Whitfield | Recruiter | ow
Ridgeway Insurance | ridgeway.example | Reading | en | 0
  n.osborne | Neil Osborne | Broker | o
Bluecap Energy | bluecap.example | Cardiff | en | 0
  sales | Gareth Rees | Account executive | o | w
Messebau Kranz | messebau-kranz.example | Hannover | de | 60
  m.kranz | Michael Kranz | Vertrieb | t | l1
Salon Habitat | salon-habitat.example | Paris | fr | 60
  exposants | Lucie Fontaine | Exposants | ow
Applicants | mailbox.example | Bristol | en | 0
  hannah.lowe | Hannah Lowe | | g
  d.mensah | Daniel Mensah | | a
  piotr.zielinski | Piotr Zieliński | | g
Households | post.example | York | en | 0
  margaret.ives | Margaret Ives | | a
  ben.carver | Ben Carver | | ow
  fatima.rahman | Fatima Rahman | | g
"""

# Who a company's shared address belongs to: on copy now and then, and no contact.
DESKS = {"en": "accounts", "de": "rechnung", "fr": "logistics", "ja": "info"}

ALICE = Person(
    "Alice Lindqvist",
    "Alice",
    "alice@northwind.example",
    company="Northwind",
    role="Managing director",
    city="Bristol",
    client="gmail",
    zone=0,
)
BOB = Person(
    "Bob Marsh",
    "Bob",
    "bob@northwind.example",
    company="Northwind",
    role="Sales",
    city="Bristol",
    client="outlook",
    charset="windows-1252",
    zone=0,
)
ADA = Person(
    "Ada Okafor",
    "Ada",
    "ada@northwind.example",
    company="Northwind",
    role="Operations",
    city="Bristol",
    client="apple",
    zone=0,
)
TEAM = (ALICE, BOB, ADA)

PRIVATE: dict[str, tuple[Person, ...]] = {
    ALICE.address: (
        Person("Erik Lindqvist", "Erik", "erik@lindqvist.example", client="gmail"),
        Person("Maja Lindqvist", "Mum", "maja@lindqvist.example", client="apple"),
        Person("Hallam Street Surgery", "Surgery", "appointments@hallam-surgery.example", client="outlook"),
    ),
    BOB.address: (
        Person("Rosie Marsh", "Rosie", "rosie.marsh@post.example", client="apple"),
        Person("Gary Marsh", "Gary", "gary@marsh-family.example", client="outlook-web"),
        Person("St Werburgh's Dental", "Reception", "reception@werburgh-dental.example", client="outlook"),
    ),
}


def _read(table: str) -> Iterator[Person]:
    company = domain = city = ""
    language: Language = "en"
    zone = 0
    for line in table.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith(" "):
            company, domain, city = cells[:3]
            language = _language(cells[3])
            zone = int(cells[4])
            continue
        local, name, role, client, charset, other = (*cells, "", "")[:6]
        yield Person(
            name=name,
            first=_first(name, language),
            address=f"{local}@{domain}",
            company=company,
            role=role,
            city=city,
            language=language,
            client=_CLIENTS[client],
            charset=_CHARSETS.get(charset, "utf-8"),
            zone=zone,
            other=other,
        )


def _language(code: str) -> Language:
    match code:
        case "de" | "fr" | "ja":
            return code
        case _:
            return "en"


def _first(name: str, language: Language) -> str:
    """How they are greeted: by first name, in German by full name, in Japanese by family name."""
    return name if language == "de" else name.split(maxsplit=1)[0]


def _by_company(people: Iterable[Person]) -> dict[str, tuple[Person, ...]]:
    return {company: tuple(group) for company, group in groupby(people, key=lambda each: each.company)}


CONTACTS = tuple(_read(_CONTACTS))
STRANGERS = tuple(_read(_STRANGERS))
COLLEAGUES = _by_company(CONTACTS)


def desk_of(person: Person) -> Person:
    """The shared address of a contact's company, which is in no address book."""
    local = DESKS[person.language]
    domain = person.address.rpartition("@")[2]
    return Person(f"{person.company} {local}", local, f"{local}@{domain}", company=person.company)


def contact_addresses() -> frozenset[str]:
    """Every address under which a contact writes."""
    return frozenset(address for each in CONTACTS for address in (each.address, each.other) if address)
