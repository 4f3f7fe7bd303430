"""Every sentence that may state a result, in one table: the condition on the left, the words on the right.

The conditions are those of the tests, never of taste; ``sentences.py`` chooses. "Diversion" stands only where estimates
by product say so: without them the word is "excess". "Dumping" is never said.
"""

from __future__ import annotations

# What the tests say (left) and the sentence (right). Slots in braces are filled from result rows.
RULES: dict[str, str] = {
    # The answer in three sentences.
    "short: a fall and a rise": (
        "From {span}, exports to the United States fell by {exporter} on China's count and by {importer} on that of "
        "US customs; those to everybody else rose by {rise} billion US dollars."
    ),
    "short: US loss clear": (
        "The US took {gap} billion {unit} less from China than its own past implied (95\u00a0% interval {low} to "
        "{high}): more than the ups and downs of earlier years explain."
    ),
    "short: US loss clear, not net of early buying": (
        "The US took {gap} billion {unit} less from China than its own past implied (95\u00a0% interval {low} to "
        "{high}): more than the ups and downs of earlier years explain, though not once goods bought early are set "
        "against it."
    ),
    "short: within the usual, two too short": (
        "Where these goods went the figures cannot show: what {name} bought beyond its past, {gap} billion {unit} "
        "(95\u00a0% interval {low} to {high}), lies within its usual ups and downs, in which less than about {mde} "
        "billion would often be missed, and the past of the EU and of ASEAN is too short for such a test."
    ),
    "short: beyond the usual, two too short": (
        "{name} bought {gap} billion {unit} more from China than its own past implied (95\u00a0% interval {low} to "
        "{high}), beyond its usual ups and downs; whether these were goods turned away the figures cannot show, and "
        "the past of the EU and of ASEAN is too short for such a test."
    ),
    # What changed, and who took the rise.
    "lead: a loss and a larger rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "{rise} billion more to everybody else."
    ),
    "lead: a loss and a smaller rise": (
        "From {span}, China sold {loss} billion US dollars less to the United States than a year before and "
        "only {rise} billion more to everybody else."
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
    "fall: the other count": (
        "US customs count {same} billion less, or {later} with arrivals a month later."
    ),
    "rise: by destination": (
        "The rise elsewhere went, in billions, to {who}; for the other {rest} the ledger holds no destination."
    ),
    "rise: by destination, the largest": (
        "The rise elsewhere went, in billions, to {who} and others; for {rest} the ledger holds no destination."
    ),
    "rise: by destination, since": (
        "From {span} the further rise went to {who} and others; for {rest} billion the ledger holds no destination."
    ),
    "rise: cannot be told": (
        "Whether what the US did not take went there cannot be told from these figures."
    ),
    # How much of the rise could be goods turned away, and whether the tariffs caused it.
    "ceiling": (
        "Against last year, the loss is {low} to {high} of the rise elsewhere, depending on who counts: had "
        "every lost dollar been sold elsewhere, the rest of the rise would remain."
    ),
    "ceiling: no bound": (
        "On one count at least, the loss is as large as the rise elsewhere, so that arithmetic alone leaves "
        "open whether all of the rise was diverted."
    ),
    "ceiling: none above the earlier rise": (
        "Against a trend there is no such bound: exports elsewhere had risen by {earlier} billion the year "
        "before as well, and above that the rise is smaller than the loss."
    ),
    "ceiling: above the earlier rise": (
        "Exports elsewhere had risen by {earlier} billion the year before as well; of what is above that, the "
        "loss is {above}."
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
    # The US loss: the verdict, then its numbers.
    "US verdict: clear, net of early buying as well": (
        "The US loss is beyond normal variation, net of early buying as well."
    ),
    "US verdict: clear, not net of early buying": (
        "The US loss is beyond normal variation as it stands; net of early buying its error is too wide to tell."
    ),
    "US verdict: clear": (
        "The US loss is beyond normal variation."
    ),
    "US verdict: depends on the reading": (
        "Whether the US loss is beyond normal variation depends on the reading."
    ),
    "US verdict: not clear": (
        "The US gap cannot be told from normal variation."
    ),
    "US verdict: no loss": (
        "The US took no less from China than its past implied."
    ),
    "US gap: both forms exclude zero": (
        "From {span} the US took {gap} billion {unit} less from China than {base} implied (95\u00a0% interval {low} to "
        "{high}), or {share_gap} billion less by its share in what the US bought."
    ),
    "US gap: one form excludes zero": (
        "From {span} the US took {gap} billion {unit} less from China than {base} implied (95\u00a0% interval {low} to "
        "{high}) when measured {how}; measured {other_how} ({other_gap} billion) only a loss above about {mde} billion "
        "had an 80\u00a0% chance of being seen."
    ),
    "US gap: neither form excludes zero": (
        "From {span} the US took {gap} to {other_gap} billion {unit} less from China than {base} implied, where only a "
        "loss above about {mde} billion had an 80\u00a0% chance of being seen."
    ),
    "US gap: no loss": (
        "From {span} the gap to {base} is {gap} billion {unit} plainly and {share_gap} billion by its share in what "
        "the US bought."
    ),
    "gap: forms as good": (
        "Plainly, the {forms} forms that erred about as little give {low} to {high} billion."
    ),
    "gap: a yearly change with its error": (
        "On average no form erred less than repeating a year, so the gap is nearly the yearly change; what it adds "
        "is the error."
    ),
    "all forecasts: most find a loss": (
        "Of {n} forecasts {clear} find a loss clear of zero, of those without quadratic trends {straight}."
    ),
    "all forecasts: few find a loss": (
        "Yet of {n} forecasts only {clear} find a loss clear of zero, of those without quadratic trends {straight}."
    ),
    "net: excludes zero": (
        "Net of what was bought early ({span}) it is {gap} billion ({low} to {high})."
    ),
    "net: contains zero": (
        "Net of what was bought early ({span}) it is {gap} billion, little else, but with an interval that holds "
        "zero ({low} to {high})."
    ),
    "net: nothing by its share": (
        "By its share nothing was bought early: there is nothing to net."
    ),
    # A destination with an interval.
    "destination verdict: beyond normal variation": (
        "{name}'s excess is beyond normal variation."
    ),
    "destination verdict: not distinguishable": (
        "{name}'s excess is not distinguishable from normal variation."
    ),
    "destination verdict: fell short": (
        "{name} bought less than its past implied, beyond normal variation."
    ),
    "destination verdict: EU and ASEAN too short": (
        "The past of the EU and of ASEAN is too short to say."
    ),
    "destination verdict: EU too short": (
        "The past of the EU is too short to say."
    ),
    "destination verdict: ASEAN too short": (
        "The past of ASEAN is too short to say."
    ),
    "destination: interval excludes zero": (
        "From {span} {name} bought {gap} billion {unit} {direction} than {base} implied (95\u00a0% interval {low} to "
        "{high})."
    ),
    "destination: interval contains zero": (
        "From {span} {name} bought {gap} billion {unit} {direction} than {base} implied (95\u00a0% interval {low} to "
        "{high}); only a gap above about {mde} billion had an 80\u00a0% chance of being seen."
    ),
    "destination: such forecasts fell short before": (
        "Such forecasts had fallen short by {mean} billion on average before."
    ),
    "destination: such forecasts were too high before": (
        "Such forecasts had been too high by {mean} billion on average before."
    ),
    "destination: where it stands": (
        "Of {n} forecasts {lower} find a smaller gap, and {clear} one clear of zero."
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
    "ratio: holds zero": (
        "Spread by size, a dollar lost in the US would have brought it {part} dollars; the 95\u00a0% set of its excess "
        "per lost dollar, {low} to {high}, holds that as well as zero."
    ),
    "ratio: holds zero and not its size": (
        "Spread by size, a dollar lost in the US would have brought it {part} dollars; the 95\u00a0% set of its excess "
        "per lost dollar, {low} to {high}, holds zero but not that."
    ),
    "ratio: bounded": (
        "Per dollar that the US took less, {name} took {ratio} dollars more (95\u00a0% set {low} to {high}; spread by "
        "size it would have been {part}), which is excess; how much of it is diverted goods these figures cannot "
        "tell."
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
        "For the EU (by its proxy, the euro area's manufactures, with {origins} earlier trials) the forms tried give "
        "{low} to {high} billion {unit}, and nine in ten of all {n} forecasts {p5} to {p95}."
    ),
    "no calibrated interval: EU, zero among them": (
        "For the EU (by its proxy, the euro area's manufactures, with {origins} earlier trials) the forms tried give "
        "{low} to {high} billion {unit}, but nine in ten of all {n} forecasts {p5} to {p95}, zero among them."
    ),
    "no calibrated interval: ASEAN": (
        "For ASEAN, known only by quarter and here only for {span} ({origins} earlier trials, a first print among "
        "their data), the forms tried give {low} to {high} billion {unit}."
    ),
    "no calibrated interval: ASEAN, zero among them": (
        "For ASEAN, known only by quarter and here only for {span} ({origins} earlier trials, a first print among "
        "their data), the forms tried give {low} to {high} billion {unit}, zero among them."
    ),
    # When the US market reopened.
    "reopening: a further rise": (
        "When the US market partly reopened, exports elsewhere rose further."
    ),
    "reopening: no further rise": (
        "When the US market reopened, exports elsewhere did not rise further. That is what diversion would look "
        "like in reverse, though not it alone."
    ),
    "reopening: what was counted": (
        "From {span} the US took {us} billion more from China than a year before on China's count, and {us_im} "
        "on that of US customs ({us_later} a month later); against two years before that is {ex_two} and {im_two}. "
        "Everybody else took {rest}."
    ),
    "reopening: nothing newly turned away": (
        "Against last year, none of that further rise can be goods newly turned away."
    ),
    "reopening: newly turned away": (
        "Against last year, at most {most} of that further rise can be goods newly turned away."
    ),
    "reopening: above the earlier rise": (
        "Above the rise of the year before it is {above}."
    ),
    "reopening: growth faster than behind the shut door": (
        "Growth since ({until}) was faster than behind the shut door (EU {eu_now} after {eu_shut}, ASEAN "
        "{asean_now} after {asean_shut}, Australia {au_now} after {au_shut}){truce}."
    ),
    "reopening: growth slower than behind the shut door": (
        "Growth since ({until}) was slower than behind the shut door (EU {eu_now} after {eu_shut}, ASEAN "
        "{asean_now} after {asean_shut}, Australia {au_now} after {au_shut}), as it would be if goods went back."
    ),
    "reopening: growth in both directions": (
        "Growth since ({until}) against that behind the shut door moved in both directions (EU {eu_now} after "
        "{eu_shut}, ASEAN {asean_now} after {asean_shut}, Australia {au_now} after {au_shut}), which decides nothing."
    ),
    "reopening test: cannot be told": (
        "Whether goods turned away before went back cannot be told: held against forecasts, only a change of "
        "Australia's excess above about {mde} points had an 80\u00a0% chance of being seen."
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
