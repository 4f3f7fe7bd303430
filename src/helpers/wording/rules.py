"""Every sentence that may state a result, in one table: the condition on the left, the words on the right.

The conditions are those of the tests, never of taste; ``sentences.py`` chooses. "Diversion" stands only where estimates
by product say so: without them the word is "excess". "Dumping" is never said.
"""

from __future__ import annotations

# What the tests say (left) and the sentence (right). Slots in braces are filled from result rows.
RULES: dict[str, str] = {
    # What changed.
    "lead: a loss and a larger rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "{rise} billion more to everybody else. Whether the one became the other cannot be told from these "
        "figures."
    ),
    "lead: a loss and a smaller rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "only {rise} billion more to everybody else. Whether the one became the other cannot be told from "
        "these figures."
    ),
    "lead: a loss and no rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before, "
        "and {rest} to everybody else: there is no rise that could be diverted goods."
    ),
    "lead: about as much to the US": (
        "From {span}, China sold about as much to the United States as a year before ({us} billion US "
        "dollars), and {rest} to everybody else: there is no loss that could have gone elsewhere."
    ),
    "lead: no loss against a rise": (
        "From {span}, China sold {gain} billion US dollars more to the United States than a year before, and "
        "{rest} to everybody else: there is no loss that could have gone elsewhere."
    ),
    # How much of the rise could be diverted goods, and whether the tariffs caused it.
    "ceiling": (
        "Even if every dollar lost in the US had been diverted, it would be at most {ceiling} of the rise "
        "elsewhere on China's own count, and {most} with the larger loss that US customs count: the rest of "
        "the rise, measured against last year, cannot be diversion."
    ),
    "ceiling, US customs count less": (
        "Even if every dollar lost in the US had been diverted, it would be at most {ceiling} of the rise "
        "elsewhere on China's own count, and {most} with the smaller loss that US customs count: the rest "
        "of the rise, measured against last year, cannot be diversion."
    ),
    "ceiling: no bound": (
        "On one count at least, the loss is as large as the rise elsewhere, so that arithmetic alone leaves "
        "open whether all of the rise was diverted."
    ),
    "cause: not estimated": (
        "Whether the tariffs caused any of the rise is not estimated: third-market figures by product are missing."
    ),
    "cause: products, interval excludes zero": (
        "Products hit harder by the tariffs went elsewhere more: tariff-caused diversion of {cents} cents per"
        " lost dollar (95\u00a0% interval {low} to {high})."
    ),
    "cause: products, interval contains zero": (
        "The rise elsewhere is not shown to depend on tariff exposure ({low} to {high} cents per lost dollar,"
        " 95\u00a0% interval); supply push is one candidate."
    ),
    "cause: products, fell short": (
        "Products hit harder by the tariffs fell short elsewhere as well ({cents} cents per lost dollar, "
        "95\u00a0% interval {low} to {high})."
    ),
    # The US loss.
    "fall, two sides": (
        "Exports to the US fell by {ex_growth} on China's count; US customs count {im_loss} billion less "
        "arrivals ({im_growth})."
    ),
    "US gap: both forms exclude zero": (
        "Is the US gap beyond normal variation? Yes: against {base} the US took {gap} billion {unit} less from "
        "China (95\u00a0% interval {low} to {high}), {share_gap} billion as a share of what it bought "
        "elsewhere."
    ),
    "US gap: one form excludes zero": (
        "Is the US gap beyond normal variation? Against {base} the US took {gap} billion {unit} less from China "
        "(95\u00a0% interval {low} to {high}) when measured {how}; measured {other_how} ({other_gap} billion) it "
        "cannot be told from normal variation: only a loss above about {mde} billion had an 80\u00a0% chance of "
        "being seen."
    ),
    "US gap: neither form excludes zero": (
        "Is the US gap beyond normal variation? Against {base} the US took {gap} to {other_gap} billion {unit} "
        "less from China, which cannot be told from normal variation: only a loss above about {mde} billion had an "
        "80\u00a0% chance of being seen."
    ),
    "US gap: no loss": (
        "Against {base} the US took no less from China: the gap is {gap} billion {unit} plainly and "
        "{share_gap} billion as a share of what it bought elsewhere."
    ),
    "all forecasts: most find a loss": (
        "Of {n} sensible forecasts {clear} find a loss clear of zero."
    ),
    "all forecasts: few find a loss": (
        "Yet of {n} sensible forecasts only {clear} find a loss clear of zero."
    ),
    "net: both exclude zero": (
        "Net of what had been rushed in before the tariffs ({span}) the gap is {gap} billion plainly ({low} "
        "to {high}) and {share_gap} billion as a share ({share_low} to {share_high}): still beyond normal "
        "variation."
    ),
    "net: one excludes zero": (
        "Net of what had been rushed in before the tariffs ({span}) the gap is {gap} billion plainly ({low} "
        "to {high}) and {share_gap} billion as a share ({share_low} to {share_high}): beyond normal variation"
        " in one of the two only."
    ),
    "net: neither excludes zero": (
        "Net of what had been rushed in before the tariffs ({span}) the gap is {gap} billion plainly ({low} "
        "to {high}) and {share_gap} billion as a share ({share_low} to {share_high}): no longer beyond normal"
        " variation."
    ),
    # A destination with an interval.
    "destination: interval excludes zero": (
        "{name} bought {gap} billion {unit} more from China than {base} implied (95\u00a0% interval {low} to "
        "{high}): beyond normal variation."
    ),
    "destination: interval contains zero": (
        "{name} bought {gap} billion {unit} {direction} than {base} implied (95\u00a0% interval {low} to {high}): "
        "not distinguishable from normal variation, and only a gap above about {mde} billion had an 80\u00a0% "
        "chance of being seen."
    ),
    "destination: fell short": (
        "{name} bought {gap} billion {unit} less from China than {base} implied (95\u00a0% interval {low} to "
        "{high})."
    ),
    "destination: where it stands": (
        "Of {n} sensible forecasts {lower} find less, and {clear} find a gap clear of zero."
    ),
    "destination: exposure not shown": (
        "Not shown to depend on tariff exposure; supply push is one candidate."
    ),
    "destination: products moved, the total too": (
        "Tariff-caused diversion to {name} is {cents} cents per lost dollar (95\u00a0% interval {low} to "
        "{high})."
    ),
    "destination: products moved, the total does not stand out": (
        "Products hit harder in the US went more to {name} ({cents} cents per lost dollar, 95\u00a0% interval"
        " {low} to {high}); the total does not stand out."
    ),
    "ratio: bounded": (
        "Per dollar that the US took less, {name} took {ratio} dollars more (95\u00a0% set {low} to {high}), "
        "which is excess; how much of it is diverted goods these figures cannot tell."
    ),
    "ratio: not informative": (
        "How much that is per dollar lost in the US cannot be told: the 95\u00a0% set has no end."
    ),
    "ratio: fell short as well": (
        "Exports to {name} fell short as well: {ratio} dollars per dollar that the US took less (95\u00a0% set "
        "{low} to {high})."
    ),
    "destination: price-led": (
        "Unit values fell ({unit_value}) and quantities rose ({quantity}) there and not elsewhere: consistent"
        " with price-led expansion."
    ),
    "destination: path broke before the tariffs": (
        "Its acceleration predates the tariffs: the path turned upwards in {month} (90\u00a0% set {first} to "
        "{last})."
    ),
    # A destination without one.
    "no calibrated interval: EU": (
        "For the EU (by its proxy, the euro area's manufactures) the gap lies between {low} and {high} billion "
        "{unit} over the forecasts tried; {n} earlier trials are too few for an interval."
    ),
    "no calibrated interval: EU, zero among them": (
        "For the EU (by its proxy, the euro area's manufactures) the gap lies between {low} and {high} billion "
        "{unit} over the forecasts tried, zero among them; {n} earlier trials are too few for an interval."
    ),
    "no calibrated interval: ASEAN": (
        "For ASEAN it is known for {span} only, between {low} and {high} billion {unit}; {n} earlier trials, a "
        "first print among their data, make no interval."
    ),
    "no calibrated interval: ASEAN, zero among them": (
        "For ASEAN it is known for {span} only, between {low} and {high} billion {unit}, zero among them; {n} "
        "earlier trials, a first print among their data, make no interval."
    ),
    # When the US market reopened.
    "reopening: both sides, others keep rising": (
        "Since the emergency tariffs ended, exports to the US recover from their low: {us_ex} against a year "
        "before on China's count ({span}), {us_later} in US arrivals a month later ({us_im} in the same "
        "months), {still}{two_years} against two years before. Exports to the EU ({eu}), ASEAN ({asean}) and "
        "Australia ({au}) kept rising ({so_far}): they did not return when the US market did. As counted, "
        "that speaks against diversion as the main cause."
    ),
    "reopening: sides disagree, others keep rising": (
        "Has the door reopened? China's customs count {us_ex} exports to the US ({span}), US customs "
        "{us_later} arrivals a month later. Exports to the EU ({eu}), ASEAN ({asean}) and Australia ({au}) kept "
        "rising ({so_far}); as long as the two counts disagree, that decides nothing between diversion and "
        "other causes."
    ),
    "reopening: others ease": (
        "When the US market reopened ({us_ex} by China's customs, {span}), exports elsewhere eased: the EU "
        "{eu}, ASEAN {asean}, Australia {au} ({so_far}). That is what diversion would look like in reverse."
    ),
    "reopening: others move in both directions": (
        "When the US market reopened ({us_ex} by China's customs, {span}), exports elsewhere moved in both "
        "directions: the EU {eu}, ASEAN {asean}, Australia {au} ({so_far}). That decides nothing between "
        "diversion and other causes."
    ),
    "reopening test: cannot be told": (
        "Held against forecasts, whether Australia's excess eased cannot be told: only a change above about "
        "{mde} points had an 80\u00a0% chance of being seen."
    ),
    "reopening test: did not ease": (
        "Held against forecasts, Australia's excess did not ease ({change} points, 95\u00a0% interval {low} "
        "to {high})."
    ),
    "reopening test: eased": (
        "Held against forecasts, Australia's excess eased ({change} points, 95\u00a0% interval {low} to "
        "{high}), as that of diverted goods would."
    ),
}  # fmt: skip
