"""The statistical offices: what each is asked for a month, how its answer is read, and what is refused.

Nothing here touches the network or a file: an office turns a wish into asks, and the bytes of an answer into figures
or into one error. ``helpers.fetch`` does the rest.
"""

from helpers.sources import abs as _abs
from helpers.sources import census, comtrade, eurostat, gacc, imf
from helpers.sources.contract import Office

OFFICES: dict[str, Office] = {
    office.name: office
    for office in (gacc.OFFICE, imf.OFFICE, eurostat.OFFICE, census.OFFICE, _abs.OFFICE, comtrade.OFFICE)
}
