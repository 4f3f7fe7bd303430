"""Countries and customs territories: codes of ISO, UN Comtrade and the US Census, and how offices spell their names.

One row each: ISO 3166 alpha-2 and alpha-3, UN Comtrade's number, Schedule C of the US Census, the plain English name,
and spellings that :func:`squeezed` does not already make the same. Codes are facts of the ISO, the UN Statistics
Division and the Census Bureau; ``XK`` and its codes are in use without being ISO's.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple


class Country(NamedTuple):
    """One row of the table; ``census`` is empty where Schedule C has no code."""

    code: str
    iso3: str
    comtrade: str
    census: str
    name: str
    labels: tuple[str, ...]


_TABLE = """
AD|AND|20|4271|Andorra|Principality of Andorra; Andorra, Principality of
AE|ARE|784|5200|United Arab Emirates|UAE; U ARAB EMTS; Utd. Arab Emirates
AF|AFG|4|5310|Afghanistan|Islamic Republic of Afghanistan; Afghanistan, Islamic Republic of
AG|ATG|28|2484|Antigua and Barbuda|Antigua
AI|AIA|660|2481|Anguilla|Anguilla(U.K.); Anguilla, United Kingdom-British Overseas Territory
AL|ALB|8|4810|Albania|
AM|ARM|51|4631|Armenia|
AO|AGO|24|7620|Angola|Angora
AQ|ATA|10||Antarctica|Antartica
AR|ARG|32|3570|Argentina|Argentine Republic
AS|ASM|16|9510|American Samoa|Samoa, American; Ameri Samoa; American Samoa (US)
AT|AUT|40|4330|Austria|
AU|AUS|36|6021|Australia|
AW|ABW|533|2779|Aruba|Aruba, Kingdom of the Netherlands
AX|ALA|248||Åland Islands|Aland
AZ|AZE|31|4632|Azerbaijan|Azerbaidjan
BA|BIH|70|4793|Bosnia and Herzegovina|Bosnia and Hercegovina; Bosnia-Hercegovina; Bosnia-Herzegovina; Bosnia; Bosnia-Hrzgovin; Bosnia Herzeg
BB|BRB|52|2720|Barbados|
BD|BGD|50|5380|Bangladesh|Bangladesh PR; People's Republic of Bangladesh; Bangladesh, People's Republic of
BE|BEL|56|4231|Belgium|
BF|BFA|854|7600|Burkina Faso|Burkina; Upper Volta
BG|BGR|100|4870|Bulgaria|
BH|BHR|48|5250|Bahrain|Bahrian; Baharain Is; Bahrein
BI|BDI|108|7670|Burundi|
BJ|BEN|204|7610|Benin|
BL|BLM|652||Saint Barthélemy|St.Barthélemy; St Barts
BM|BMU|60|2320|Bermuda|
BN|BRN|96|5610|Brunei|Brunei Darussalam; Negara Brunei Darussalam
BO|BOL|68|3350|Bolivia|Bolivia (Plurinational State of); Bolivia (Plurinat.State); Bolivia, Plur. State of; Estado Plurinacional de Bolivia; Plurinational State of Bolivia
BQ|BES|535||Caribbean Netherlands|Bonaire; Bonaire, Sint Eustatius and Saba; Bonaire, St. Eustatius and Saba; BES Islands
BR|BRA|76|3510|Brazil|Brasil; Federative Republic of Brazil
BS|BHS|44|2360|Bahamas|Commonwealth of the Bahamas; Bahamas, Commonwealth of
BT|BTN|64|5682|Bhutan|
BV|BVT|74||Bouvet Island|Bouvet Is.
BW|BWA|72|7930|Botswana|
BY|BLR|112|4622|Belarus|Byelorussia; Belorussia; Byelarus
BZ|BLZ|84|2080|Belize|
CA|CAN|124|1220|Canada|
CC|CCK|166|6023|Cocos (Keeling) Islands|Cocos Islands; Cocos (Keeling); Cocos Island (or Keeling Island); Keeling Islands
CD|COD|180|7660|DR Congo|Democratic Republic of the Congo; Democratic Republic of Congo; Dem. Rep. of the Congo; Dem. Rep. Congo; Dem. Rep. of Congo; D.R. of the Congo; D. R. Congo; Congo, DR; Congo (DRC); DRC; Congo (Kinshasa); Congo, Democratic Republic of the; Congo, Democratic Republic of; Congo, Democratic Republic; Congo, Dem. Rep. of the; Congo, Dem. Rep. of; Congo, Dem. Rep.; Congo D. Rep.; Congo, D.R. of the; Congo, The Democratic Republic of the; Congo, Democratic Republic of the Congo; Congo, Democratic Republic of the Congo (formerly Za; Congo, Democratic Republic of the Congo (formerly Zaire); Zaire
CF|CAF|140|7540|Central African Republic|Central Africa; Central Africa Rep.; Cent. African Rep.; C Afri Rep
CG|COG|178|7630|Republic of the Congo|Congo (Republic); Congo, Republic of the; Congo (Brazzaville); Congo, Republic of the Congo; Congo P Rep; Congo, People's Republic of
CH|CHE|757|4419|Switzerland|Swiss Confederation
CI|CIV|384|7480|Côte d'Ivoire|Ivory Coast; Cote d'lvoir; Cote d'Ivoir; Cote D' Ivoire; Côte d'Ivoire (Ivory Coast)
CK|COK|184|6142|Cook Islands|
CL|CHL|152|3370|Chile|
CM|CMR|120|7420|Cameroon|Cameroun; Cameroon, United Republic of
CN|CHN|156|5700|China|China (excludes SARs and Taiwan); China (excludes SARs and Taiwan Province); China, People's Republic of; China, P.R.; China, P.R.: Mainland; P.R. China; P. R. China; P.R. of China; PRC; China, mainland; Mainland China; Chinese mainland; Mainland of China; China P RP; China except Hong Kong
CO|COL|170|3010|Colombia|Columbia
CR|CRI|188|2230|Costa Rica|
CU|CUB|192|2390|Cuba|
CV|CPV|132|7643|Cape Verde|Cabo Verde; Cape Vrde; Cape Verde Is
CW|CUW|531|2777|Curaçao|Curaçao, Kingdom of the Netherlands
CX|CXR|162|6024|Christmas Island|Christmas Is.; Christmas Island (in the Indian Ocean); Christmas Is. (Indian Ocean)
CY|CYP|196|4910|Cyprus|
CZ|CZE|203|4351|Czechia|Czech Republic; Czechia (Czech Republic)
DE|DEU|276|4280|Germany|Germany, Federal Republic of; Germany, Federal Republic; Germany, Fed. Rep. of; Germany, Fed. Rep.; Germany (Federal Republic of Germany); Fed. Rep. of Germany; FR Germany; Federal Republic of Germany
DJ|DJI|262|7770|Djibouti|
DK|DNK|208|4099|Denmark|Denmark, except Greenland
DM|DMA|212|2486|Dominica|Dominica, Commonwealth of; Dominica Island; Dominica Is.; Commonwealth of Dominica
DO|DOM|214|2470|Dominican Republic|Dominic Rep; Dominica Republic
DZ|DZA|12|7210|Algeria|People's Democratic Republic of Algeria; Algeria, People's Democratic Republic of; Algeria, People's Dem. Rep. of
EC|ECU|218|3310|Ecuador|
EE|EST|233|4470|Estonia|
EG|EGY|818|7290|Egypt|Egypt A RP; Arab Republic of Egypt; Egypt, Arab Republic of
EH|ESH|732||Western Sahara|Saharwi A.Dm RP; Sahrawi Arab Democratic Republic
ER|ERI|232|7741|Eritrea|State of Eritrea; Eritrea, The State of; Eritrea, State of
ES|ESP|724|4700|Spain|
ET|ETH|231|7749|Ethiopia|Ethiopia(excludes Eritrea); Ethiopia, The Federal Democratic Republic of; Ethiopia, Federal Democratic Republic of; Ethiopia, The Federal Dem. Rep. of; Federal Democratic Republic of Ethiopia; Ethiopia, Federal Dem. Rep. of
FI|FIN|246|4050|Finland|
FJ|FJI|242|6863|Fiji|Fiji Islands
FK|FLK|238|3720|Falkland Islands|Falkland Isds (Malvinas); Falkland Islands (Islas Malvinas); Malvinas; Falklands
FM|FSM|583|6820|Micronesia|Federated States of Micronesia; Micronesia, Federated States of; Micronesia, Fed. States of; Micronesia, Fed. Sts.; Micronesia (Fed. States); FS Micronesia; Micronesia Fs; Fed. States of Micronesia
FO|FRO|234|4091|Faroe Islands|Faeroe Islands; Faroes
FR|FRA|251|4279|France|French Republic
GA|GAB|266|7550|Gabon|Gabonese Republic
GB|GBR|826|4120|United Kingdom|United Kingdom (UK); UK; U K; Great Britain; Britain; United Kingdom of Great Britain and Northern Ireland
GD|GRD|308|2489|Grenada|Grenada Island; Grenada Is.
GE|GEO|268|4633|Georgia|
GF|GUF|254|3170|French Guiana|French Guyana; Guiana, French; Fr Guiana; French Guiana (Overseas France)
GG|GGY|831||Guernsey|
GH|GHA|288|7490|Ghana|
GI|GIB|292|4720|Gibraltar|Gilbraltar
GL|GRL|304|1010|Greenland|
GM|GMB|270|7500|Gambia|Gambia (Islamic Republic of the)
GN|GIN|324|7460|Guinea|Guinea, Rep.; Guinea (Conakry)
GP|GLP|312|2831|Guadeloupe|Guadelope; Guadeloupe (Overseas France)
GQ|GNQ|226|7380|Equatorial Guinea|Eq.Guinea; Eq. Guinea; Equat. Guinea; Equtl Guinea
GR|GRC|300|4840|Greece|Hellenic Republic
GS|SGS|239||South Georgia and the South Sandwich Islands|South Georgia and South Sandwich Islands; South Georgia
GT|GTM|320|2050|Guatemala|
GU|GUM|316|9350|Guam|
GW|GNB|624|7642|Guinea-Bissau|
GY|GUY|328|3120|Guyana|
HK|HKG|344|5820|Hong Kong|Hong Kong, China; Hongkong; HongKong, China; China, Hong Kong SAR; China, Hong Kong; Hong Kong SAR; Hong Kong SAR, China; Hong Kong (SAR of China); China, P.R.: Hong Kong; Hong Kong Special Administrative Region, People's Republic of China; Hong Kong Special Administrative Region of China; China, Hong Kong Special Administrative Region
HM|HMD|334|6029|Heard Island and McDonald Islands|Heard and McDonald Islands; Heard MacDonald
HN|HND|340|2150|Honduras|
HR|HRV|191|4791|Croatia|Croatia Rep
HT|HTI|332|2450|Haiti|
HU|HUN|348|4370|Hungary|
ID|IDN|360|5600|Indonesia|
IE|IRL|372|4190|Ireland|Irish Republic; Eire
IL|ISR|376|5081|Israel|State of Israel; Israel, State of
IM|IMN|833||Isle of Man|
IN|IND|699|5330|India|
IO|IOT|86|7810|British Indian Ocean Territory|British Indian Ocean Territories; British Indian Ocean Terr; Br. Indian Ocean Terr.; British Indian Ocean Ter.; British Indian
IQ|IRQ|368|5050|Iraq|
IR|IRN|364|5070|Iran|Iran (Islamic Republic of); Iran, Islamic Rep.; Iran, I.R. of; Islamic Republic of Iran
IS|ISL|352|4000|Iceland|
IT|ITA|380|4759|Italy|Italian Republic
JE|JEY|832||Jersey|
JM|JAM|388|2410|Jamaica|
JO|JOR|400|5110|Jordan|Hashemite Kingdom of Jordan; Jordan, Hashemite Kingdom of
JP|JPN|392|5880|Japan|
KE|KEN|404|7790|Kenya|
KG|KGZ|417|4635|Kyrgyzstan|Kyrgyz Republic; Kirghizia; Kirgizia; Kirghizstan; Kirgizstan; Kyrghyzstan; Kyrgystan
KH|KHM|116|5550|Cambodia|Kampuchea
KI|KIR|296|6226|Kiribati|Kiribati Rep
KM|COM|174|7890|Comoros|Comoros, Union of the; Comoro Islands; Union of the Comoros
KN|KNA|659|2483|Saint Kitts and Nevis|St.Kitts and Nevis; St. Kitts-Nevis; St.Kitts-Nevis; St Kitt N A; Saint Christopher and Nevis; St.Christopher and Nevis
KP|PRK|408|5790|North Korea|Korea,DPR; DPR Korea; D. P. R. Korea; DPRK; Korea, D.P.R. of; Korea, D. P. R.; Democratic People's Republic of Korea; Dem. People's Rep. of Korea; Dem. People's Rep. Korea; Korea, Democratic People's Republic of; Korea, Democratic People's Republic of (North); Korea, Dem. People's Rep. of; Korea, Dem. People's Rep.; Korea, Dem. Rep.; Korea, Dem. Rep. of; Korea, Democratic Republic of; Korea, North; North Korea (Democratic People's Republic of Korea); Korea DP RP; Korea, the Democratic People's Republic of; Democratic People's Republic of Korea (North Korea); Democratic People's Republic Korea
KR|KOR|410|5800|South Korea|R. O. Korea; R.O. Korea; R.O.Korea; ROK; Korea; Korea, Rep.; Korea, R.O.; Korea, R. O.; Korea, the Republic of; Rep. Korea; R. of Korea; R. Korea; Korea, South; Korea, Republic of (South); South Korea (Republic of Korea); Korea RP; Republic of Korea (South Korea)
KW|KWT|414|5130|Kuwait|Kuwait, the State of; State of Kuwait; Kuwait, State of
KY|CYM|136|2440|Cayman Islands|
KZ|KAZ|398|4634|Kazakhstan|Kazakstan
LA|LAO|418|5530|Laos|Lao PDR; Laos, PDR; Lao P. D. R.; Lao; Lao People's Dem. Rep.; Lao People's Democratic Rep.; Laos (Lao People's Democratic Republic); Lao PD RP; Lao, People's Democratic Republic of; Laos, People's Democratic Republic of
LB|LBN|422|5040|Lebanon|Lebanese Republic
LC|LCA|662|2487|Saint Lucia|St.Lucia; St Lucia Island; St Lucia Is.
LI|LIE|438|4411|Liechtenstein|Principality of Liechtenstein; Liechtenstein, Principality of
LK|LKA|144|5420|Sri Lanka|Sri Lanka DSR; Democratic Socialist Republic of Sri Lanka; Sri Lanka, Democratic Socialist Republic of; Sri Lanka, Dem. Socialist Rep. of
LR|LBR|430|7650|Liberia|
LS|LSO|426|7990|Lesotho|
LT|LTU|440|4510|Lithuania|
LU|LUX|442|4239|Luxembourg|Luxemburg; Grand Duchy of Luxembourg; Luxembourg, Grand Duchy of
LV|LVA|428|4490|Latvia|
LY|LBY|434|7250|Libya|Libyan Arab Jm; Libyan Arab Jamahiriya; Libyan Arab Jamah.; Libya, State of; State of Libya
MA|MAR|504|7140|Morocco|
MC|MCO|492|4272|Monaco|Principality of Monaco; Monaco, Principality of
MD|MDA|498|4641|Moldova|Moldavia; Moldova (Republic of Moldova); Moldova, Rep.
ME|MNE|499|4804|Montenegro|Montengro
MF|MAF|663||Saint Martin|St.Martin; Saint Martin (French part); St.Martin (French part); Saint Martin Is; St.Martin Is; Saint Martin Island; St.Martin Island
MG|MDG|450|7880|Madagascar|
MH|MHL|584|6810|Marshall Islands|Marshall Is Rep; Marshall Island; Is. Marshall; Marshall Islands, Republic of the
MK|MKD|807|4794|North Macedonia|Macedonia; Macedonia Rep; Macedonia, FYR; FYR Macedonia; FYROM; FYR of Macedonia; TFYR of Macedonia; TFYR Macedonia; The former Yugoslav Republic of Macedonia; Macedonia, the former Yugoslav Republic of; Macedonia, Former Yugoslav Republic of; Former Yug. Rep. of Macedonia; Macedonia (Skopje); Macedonia, North; The Former Yug.Rep.Macedonia
ML|MLI|466|7450|Mali|
MM|MMR|104|5460|Myanmar|Burma; Burma (Myanmar); Myanmar (Burma); Myanmar, Union of; Union of Myanmar
MN|MNG|496|5740|Mongolia|Mongolia, People's Republic of
MO|MAC|446|5660|Macao|Macau; Macao, China; Macau, China; China, Macao SAR; China, Macau SAR; China, Macao; China, Macau; Macao SAR; Macau SAR; Macao SAR, China; Macau (SAR of China); Macao (SAR of China); China, P.R.: Macao; China, P.R.: Macau; Macao Special Administrative Region, People's Republic of China; Macao Special Administrative Region of China; China, Macao Special Administrative Region
MP|MNP|580|9610|Northern Mariana Islands|Northern Marianas; N. Mariana Isds; Northern Mariana Islands, Commonwealth of the; Commonwealth of the Northern Mariana Islands
MQ|MTQ|474|2839|Martinique|Martinique (Overseas France)
MR|MRT|478|7410|Mauritania|Islamic Republic of Mauritania; Mauritania, Islamic Republic of
MS|MSR|500|2485|Montserrat|Montserrat, United Kingdom-British Overseas Territory; Montserrat Island; Montserrat Is.
MT|MLT|470|4730|Malta|
MU|MUS|480|7850|Mauritius|
MV|MDV|462|5683|Maldives|Maldive Islands
MW|MWI|454|7970|Malawi|
MX|MEX|484|2010|Mexico|United Mexican States
MY|MYS|458|5570|Malaysia|Malaysia, Federation of
MZ|MOZ|508|7870|Mozambique|
NA|NAM|516|7920|Namibia|
NC|NCL|540|6412|New Caledonia|
NE|NER|562|7510|Niger|
NF|NFK|574|6022|Norfolk Island|Norfolk Is.
NG|NGA|566|7530|Nigeria|Federal Republic of Nigeria; Nigeria, Federal Republic of
NI|NIC|558|2190|Nicaragua|
NL|NLD|528|4210|Netherlands|Netherlands (Kingdom of the); Netherland; Holland
NO|NOR|579|4039|Norway|
NP|NPL|524|5360|Nepal|Federal Democratic Republic of Nepal; Nepal, Federal Democratic Republic of; Nepal, Federal Dem. Rep. of
NR|NRU|520|6862|Nauru|Nauru RP
NU|NIU|570|6144|Niue|Niue Island; Niue Is.
NZ|NZL|554|6141|New Zealand|
OM|OMN|512|5230|Oman|Sultanate of Oman; Oman, Sultanate of
PA|PAN|591|2250|Panama|Panama Republic
PE|PER|604|3330|Peru|
PF|PYF|258|6414|French Polynesia|Fr Polynesia; Polynesia, French
PG|PNG|598|6040|Papua New Guinea|Papua N GNA; Papua N. Guinea; Papua New Guinea, Independent State of; Independent State of Papua New Guinea
PH|PHL|608|5650|Philippines|Philippine
PK|PAK|586|5350|Pakistan|Pakistan IR; Islamic Republic of Pakistan; Pakistan, Islamic Republic of
PL|POL|616|4550|Poland|
PM|SPM|666|1610|Saint Pierre and Miquelon|St.Pierre and Miquelon; St Pierre
PN|PCN|612|6225|Pitcairn Islands|Pitcairn; Pitcairn Island
PR|PRI|630|9030|Puerto Rico|Puerto Rico (US); Porto Rico
PS|PSE|275||Palestine|State of Palestine; Palestine, State of; Palestinian Territory; Palestinian Territories; Palestinian Territory, Occupied; Occupied Palestinian Territory; Occ. Palestinian Terr.; Occ.Pal.Terr; Palestinian Authority; West Bank and Gaza; West Bank and Gaza Strip; State of Palest
PT|PRT|620|4710|Portugal|Portuguese Republic
PW|PLW|585|6830|Palau|
PY|PRY|600|3530|Paraguay|
QA|QAT|634|5180|Qatar|State of Qatar; Qatar, State of
RE|REU|638|7904|Réunion|Réunion (Overseas France); La Réunion
RO|ROU|642|4850|Romania|Rumania; Roumania
RS|SRB|688|4801|Serbia|Sefbia
RU|RUS|643|4621|Russia|Russian Federation; Russian Fed.; Russia Federation; Russian Federation (Russia)
RW|RWA|646|7690|Rwanda|Rwandese Republic
SA|SAU|682|5170|Saudi Arabia|Saudi Arab
SB|SLB|90|6223|Solomon Islands|
SC|SYC|690|7800|Seychelles|
SD|SDN|729|7321|Sudan|
SE|SWE|752|4010|Sweden|
SG|SGP|702|5590|Singapore|
SH|SHN|654|7580|Saint Helena|St.Helena; Saint Helena, Ascension and Tristan da Cunha; St.Helena, Ascension and Tristan da Cunha
SI|SVN|705|4792|Slovenia|Slovenia Rep
SJ|SJM|744|4031|Svalbard and Jan Mayen|Svalbard, Jan Mayen Island; Svalbard, Jan Mayen Is.; Svalbard and Jan Mayen Islands; Svallbard and J; Svallbard and Jan Mayen
SK|SVK|703|4359|Slovakia|Slovak Republic; Slovakia Rep.
SL|SLE|694|7470|Sierra Leone|
SM|SMR|674|4751|San Marino|
SN|SEN|686|7440|Senegal|
SO|SOM|706|7700|Somalia|Somalia, Fed. Rep.; Somalia, Federal Republic of; Federal Republic of Somalia
SR|SUR|740|3150|Suriname|Surinam
SS|SSD|728|7323|South Sudan|S. Sudan
ST|STP|678|7644|São Tomé and Príncipe|Sao Tome; São Tomé and Príncipe, Democratic Republic of; São Tomé and Príncipe, Dem. Rep. of; Sao Tome-Principe; Democratic Republic of Sao Tome and Principe
SV|SLV|222|2110|El Salvador|Salvador
SX|SXM|534|2774|Sint Maarten|Sint Maarten (Dutch part); Saint Maarten; Sint Maarten, Kingdom of the Netherlands; Saint Martin (Dutch part); St Maarten (Dutch part)
SY|SYR|760|5020|Syria|Syrian Arab Republic; Syrian; Syria (Syrian Arab Republic); Syria, Arab Republic
SZ|SWZ|748|7950|Eswatini|Swaziland; eSwatini (Swaziland); Swaziland (Eswatini)
TC|TCA|796|2430|Turks and Caicos Islands|Turks C Is
TD|TCD|148|7560|Chad|Tchad
TF|ATF|260|7905|French Southern Territories|French Southern and Antarctic Lands; Fr. South Antarctic Terr.; French South Antarctic Territory; French Southern and Antarctic Territories; Fr. So. Ant. Tr; Fr S Ant Tr; Fr. Southern Territories; French Southern Terr.
TG|TGO|768|7520|Togo|Togolese Republic
TH|THA|764|5490|Thailand|
TJ|TJK|762|4642|Tajikistan|Tadzhikistan; Tadjikistan
TK|TKL|772|6143|Tokelau|Tokelau Islands; Tokelau Island
TL|TLS|626|5601|Timor-Leste|East Timor; Timor-Leste, Dem. Rep. of; Timor-Leste, Democratic Republic of; East Timor (Timor-Leste); Timor East; Democratic Republic of Timor-Leste
TM|TKM|795|4643|Turkmenistan|
TN|TUN|788|7230|Tunisia|
TO|TON|776|6864|Tonga|
TR|TUR|792|4890|Türkiye|Turkey; Türkiye (Turkey); Turkey (Türkiye)
TT|TTO|780|2740|Trinidad and Tobago|Trinidad; Trinidad-Tobago
TV|TUV|798|6227|Tuvalu|
TW|TWN|490|5830|Taiwan|Taiwan, China; China, Taiwan; Chinese Taipei; Taipei, Chinese; Taiwan Province of China; Taiwan Province; Taiwan Prov.; Taiwan prov. of China; China, Taiwan Province of; China, Taiwan Province; Taiwan Province, China; Other Asia, nes; Other Asia, not elsewhere specified; Separate Customs Territory of Taiwan, Penghu, Kinmen and Matsu; Taiwan, Penghu, Kinmen and Matsu; Taiwan (Chinese Taipei); Taiwan, Republic of China; Chinese Taipei (Taiwan)
TZ|TZA|834|7830|Tanzania|Tanzania (United Republic of Tanzania); Tanzania, United Rep. of; Tanzania, United Rep; United Rep. of Tanzania; Tanzania Rep; U.R. Tanzania; Utd. Rep. of Tanzania
UA|UKR|804|4623|Ukraine|
UG|UGA|800|7780|Uganda|
UM|UMI|581|9800|US Minor Outlying Islands|United States Minor Outlying Islands
US|USA|842|1000|United States|United States (US); United States (USA); United States of America; United States of America (USA); USA; U S A; US; United States, America
UY|URY|858|3550|Uruguay|Eastern Republic of Uruguay
UZ|UZB|860|4644|Uzbekistan|Uzbekstan; Uzbekist
VA|VAT|336|4752|Vatican City|Holy See; Holy See (Vatican City State); Holy See (Vatican City); Holy See (Vatican); Vatican City State; Vatican City State Holy See; Vatican
VC|VCT|670|2488|Saint Vincent and the Grenadines|St.Vincent and the Grenadines; Saint Vincent and Grenadines; St.Vincent and Grenadines; Saint Vincent; St.Vincent; St. Vincent/Grenadines; St.Vincent-Grenadines; St. Vincent & Gren.
VE|VEN|862|3070|Venezuela|Venezuela (Bolivarian Republic of); Venezuela, Bolivarian Republic; Venezuela, RB; Venezuela, República Bolivariana de; Venezuela, Rep. Bolivariana de; Bolivarian Republic of Venezuela
VG|VGB|92|2482|British Virgin Islands|Virgin Islands, British; Virgin Islands (UK); Br. Virgin Is; BR VIRGN IS; Virgin Islands (Brit.); UK Virgin Islands; BVI
VI|VIR|850|9110|US Virgin Islands|United States Virgin Islands; Virgin Islands, U.S.; Virgin Islands, United States; Virgin Islands, American; American Virgin Islands; Virgin Islands of the United States
VN|VNM|704|5520|Vietnam|Viet Nam; Vietnam, Socialist Republic of; Viet Nam, Socialist Republic of; Socialist Republic of Vietnam; Vietnam Soc Rep; S.R. Vietnam; Socialist Republic of Viet Nam
VU|VUT|548|6224|Vanuatu|Vanuatu Rep
WF|WLF|876|6413|Wallis and Futuna|Wallis and Futuna Islands; Wallis and Futura Isl.; Wallis F Is
WS|WSM|882|6150|Samoa|Samoa (Western Samoa); Western Samoa; Samoa, Western; Independent State of Samoa; Samoa, Independent State of
XK|XKX|412|4803|Kosovo|Kosovo (UNSCR 1244); Kosovo (under United Nations Security Council Resolution 1244/99); Kosovo (UN Administered Region, SC Resolution 1244 (1999)); Kosovo (UNSCR 1244/1999); Kosovo [Republic of Kosovo]
YE|YEM|887|5210|Yemen|Yemen (Republic of Yemen); Yemen Republc; Yemen, Rep.
YT|MYT|175|7881|Mayotte|Mayotte (Overseas France)
ZA|ZAF|710|7910|South Africa|S.Africa; S. Africa; South African Republic; RSA
ZM|ZMB|894|7940|Zambia|
ZW|ZWE|716|7960|Zimbabwe|
"""


def squeezed(label: str) -> str:
    """Return a spelling without accents, case, punctuation and forms of state, so that most spellings are one."""
    text = unicodedata.normalize("NFKD", label)
    text = "".join(mark for mark in text if not unicodedata.combining(mark)).casefold().replace("&", " and ")
    text = re.sub(r"[^a-z0-9\u0400-\uffff]+", " ", re.sub(r"['’.`]", "", text)).strip()
    for short, long in ((r"st", "saint"), (r"is|isds|isl", "islands"), (r"rep", "republic")):
        text = re.sub(rf"\b({short})\b", long, text)
    return re.sub(r"^(the |(republic|kingdom) of )+|( the| (republic|kingdom) of)$", "", text)


def _country(line: str) -> Country:
    *codes, labels = line.split("|")
    return Country(*codes, tuple(label for label in labels.split("; ") if label))


COUNTRIES = tuple(_country(line) for line in _TABLE.strip().splitlines())
