"""The playbook: a small frozen one for every check, and the shipped one against the domain document's tables."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.domain.assessment import LegalKind, PaymentKind
from pipeline.domain.ids import Label
from pipeline.domain.ledger import Money
from pipeline.domain.strategy import Commitment, Facts, InvoiceFact, Record, Stance
from pipeline.errors import PlaybookError
from pipeline.playbook import Basis, Kind, Playbook, load_playbook, template_language, template_values
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped

TAXONOMY = """
version = 1
[[tones]]
name = "cross"
definition = "cross"
[[tones]]
name = "plain"
definition = "plain"
[[intents]]
name = "complaint"
definition = "complains"
[[intents]]
name = "thanks"
definition = "thanks"
[[behaviours]]
name = "nags"
definition = "asks again"
severity = 2
basis = ["P", "E"]
[[behaviours]]
name = "insults"
was = "abuse"
definition = "insults"
severity = 5
basis = ["E"]
sure = 7
unsure = 4
"""

PLAYBOOK = """
version = 1
[holds.abuse]
behaviours = ["insults"]
legal = ["threat"]
payment = ["insolvency"]
bank_details = true
[precedence]
order = ["hold", "dispute", "fair_complaint", "severity", "taxonomy"]
disputes = []
fair_complaints = ["complaint"]
[plays]
nags = "rest"
[intents]
complaint = "rest"
[payments]
promise = "rest"
[events]
nudge = "rest"
resume = "rest"
exit = "rest"
[replies]
ordinary = ["thanks"]
ordinary_play = "rest"
never = []
[commitments]
answer_by = { rule = "answer_in_workdays" }
later = { rule = "workdays", workdays = 5 }
[ladder]
min_gap_days = 5
send_from = "09:00"
send_until = "17:00"
statement_from_invoices = 3
[[ladder.steps]]
step = "L1"
play = "pay"
[[ladder.steps]]
step = "L3"
play = "pay"
pauses_work = true
[[ladder.steps]]
step = "L5"
[ladder.profiles.seed]
L1 = { days = 2 }
L3 = { days = 7, after = "L1" }
[invoice_table]
en = { number = "Invoice", issued = "Issued", due = "Due", open = "Open", total = "Total" }
[promises]
check_after_workdays = 1
broken_to_person = 2
[signals]
off_hours = { mails = 3, days = 30 }
high_frequency = { mails = 10, days = 7 }
unresponsive = { requests = 3, workdays = 10 }
chases_before_deadline = 3
changes_mind_pattern = 3
scope_growth = 3
broken_promise = 1
late_payment_trend = 3
[verdict]
profile = "default"
[verdict.profiles.default]
window_days = 90
half_life_days = 60
never_counts = ["complaint"]
[verdict.profiles.default.set_boundaries]
same_behaviour = 3
severity = 3
[verdict.profiles.default.put_on_notice]
same_behaviour_after_boundary = 2
on_first = []
unanswered_requests = 3
unanswered_workdays = 10
slow_approvals = 3
slow_approval_workdays = 3
[verdict.profiles.default.stop_work]
days_after_l1 = 7
broken_promises = 2
[verdict.profiles.default.part_ways_immediate]
on_first = ["abuse"]
again_after_notice = []
[verdict.profiles.default.part_ways_recommended]
on_first = []
on_second = []
after_boundary = { nags = 2 }
blocks_after_explaining = 3
blocks_days = 30
unpaid_after_stop_days = 30
stops = 2
stops_days = 365
later_each_time = 3
later_each_time_last_days = 14
once_collected = []
reversals_per_project = 3
[verdict.profiles.default.part_ways_review]
projects = 2
months = 2
duration_ratio = 1.5
unpaid_rework_rounds = 3
scope_growth_percent = 20
change_orders_refused = 2
hours_share_percent = 40
revenue_share_percent = 25
effective_rate_percent = 60
no_renewal = []
[verdict.profiles.strict.part_ways_recommended]
on_first = ["nags"]
"""

REST = """+++
title = "Rest"
kind = "reply"
label = "nags"
moves = ["Say it."]
needs = ["answer_by"]
sets_boundary = true
+++
## en
Hello, by {{ answer_by | day }}{% for i in disputed %}{{ loop.index }} {{ i.number.upper() }}{% endfor %}
## en firmer
Hello
## de
Hallo
"""

PAY = """+++
title = "Pay"
kind = "chase"
moves = ["Say it."]
+++
## en
{{ invoice_table }}
"""

FILES = {"taxonomy.toml": TAXONOMY, "playbook.toml": PLAYBOOK, "plays/rest.md": REST, "plays/pay.md": PAY}


def load(files: Mapping[str, str] = FILES) -> Playbook:
    """The playbook of these texts."""
    return load_playbook(files.__getitem__, files)


def changed(file: str, old: str, new: str) -> dict[str, str]:
    """The frozen files with one change, which must really be one."""
    assert old in FILES[file]
    return {**FILES, file: FILES[file].replace(old, new, 1)}


def problems(files: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with these texts."""
    with pytest.raises(PlaybookError) as error:
        load(files)
    return error.value.problems


# --- what is read


def test_a_playbook_is_read_as_it_is_written() -> None:
    """Every part must arrive where other rooms look for it."""
    playbook = load()
    hold = playbook.holds["abuse"]
    assert (hold.behaviours, hold.legal, hold.payment, hold.bank_details) == (
        ("insults",),
        (LegalKind.THREAT,),
        (PaymentKind.INSOLVENCY,),
        True,
    )
    assert playbook.payments[PaymentKind.PROMISE] == "rest"
    assert playbook.events == {"nudge": "rest", "resume": "rest", "exit": "rest"}
    assert [step.step for step in playbook.ladder.steps] == ["L1", "L3", "L5"]
    assert playbook.ladder.profiles["seed"]["L3"].after == "L1"
    assert playbook.ladder.profiles["seed"]["L1"].after == "due"
    assert playbook.commitments["later"].workdays == 5
    play = playbook.plays["rest"]
    assert (play.kind, play.label, play.needs, play.sets_boundary) == (Kind.REPLY, "nags", ("answer_by",), True)
    assert play.languages == ("en", "de")


def test_labels_give_their_rules() -> None:
    """Thresholds, severity, order and basis are what decides between labels."""
    taxonomy = load().taxonomy
    insults = taxonomy.rule("insults", "behaviour")
    assert insults is not None
    assert (insults.sure, insults.unsure, insults.basis) == (7.0, 4.0, (Basis.EMAIL,))
    assert [taxonomy.severity(Label(name)) for name in ("nags", "insults")] == [2, 5]
    assert [taxonomy.rank(Label(name)) for name in ("nags", "insults")] == [0, 1]
    assert taxonomy.rule("cross", "behaviour") is None


def test_a_renamed_label_keeps_its_old_name_everywhere() -> None:
    """An owner who renames a label edits one line: stored rows, mappings, verdicts and plays find it by the old name."""
    playbook = load(changed("taxonomy.toml", 'name = "nags"', 'name = "asks_again"\nwas = ["nags"]'))
    assert playbook.taxonomy.current("nags", "behaviour") == "asks_again"
    assert playbook.taxonomy.current("asks_again", "behaviour") == "asks_again"
    assert playbook.taxonomy.current("unheard_of", "behaviour") is None
    assert playbook.behaviours == {"asks_again": "rest"}
    assert playbook.plays["rest"].label == "asks_again"
    assert playbook.verdicts.profiles["strict"].part_ways_recommended.on_first == ("asks_again",)
    assert playbook.verdicts.profiles["default"].part_ways_recommended.after_boundary == {"asks_again": 2}
    assert playbook.verdicts.profiles["default"].part_ways_immediate.on_first == ("insults",)


def test_a_label_that_is_switched_off_stays_known() -> None:
    """Switching a label off must not turn every mapping of it into a mistake."""
    taxonomy = load(changed("taxonomy.toml", 'name = "nags"', 'name = "nags"\nenabled = false')).taxonomy
    assert [rule.name for rule in taxonomy.active("behaviour")] == ["insults"]
    assert taxonomy.current("nags", "behaviour") == "nags"


def test_an_added_label_needs_no_python() -> None:
    """A new behaviour with a play of its own is two edits of text files."""
    block = '[[behaviours]]\nname = "ghosting"\ndefinition = "gone"\nseverity = 3\nbasis = ["P"]\n'
    files = {
        **FILES,
        "taxonomy.toml": TAXONOMY + block,
        "playbook.toml": PLAYBOOK.replace('nags = "rest"', 'nags = "rest"\nghosting = "ghost"'),
        "plays/ghost.md": REST.replace('"nags"', '"ghosting"'),
    }
    play = load(files).play_for(Label("ghosting"))
    assert play is not None
    assert play.name == "ghost"


def test_plays_are_found_by_label() -> None:
    """A label without a play must say so rather than fail."""
    playbook = load()
    found = [playbook.play_for(Label(name)) for name in ("nags", "complaint", "insults")]
    assert [play.name if play else None for play in found] == ["rest", "rest", None]


def test_a_verdict_profile_is_default_with_what_it_says_otherwise() -> None:
    """A profile that had to repeat every number would fall behind the default."""
    profiles = load().verdicts.profiles
    assert profiles["strict"].set_boundaries == profiles["default"].set_boundaries
    recommended = profiles["strict"].part_ways_recommended
    assert recommended == replace(profiles["default"].part_ways_recommended, on_first=("nags",))


def test_fingerprints_follow_what_may_change_an_answer() -> None:
    """A changed letter must show in the playbook's version; a comment in the taxonomy must not in the judge's."""
    before, letter = load(), load(changed("plays/rest.md", "Hello", "Good day"))
    comment = load(changed("taxonomy.toml", "version = 1", "# a comment\nversion = 1"))
    definition = load(changed("taxonomy.toml", '"asks again"', '"asks once more"'))
    assert load().fingerprint == before.fingerprint != letter.fingerprint
    assert letter.taxonomy.fingerprint == comment.taxonomy.fingerprint == before.taxonomy.fingerprint
    assert definition.taxonomy.fingerprint != before.taxonomy.fingerprint


# --- plays and facts


def test_a_stance_that_is_not_written_is_the_letter_as_decided() -> None:
    """A play with one letter must still answer a reviewer who asks for a softer one."""
    play = load().plays["rest"]
    assert play.template("en", Stance.FIRMER).text == "Hello"
    assert play.template("en", Stance.SOFTER) == play.template("en", Stance.AS_DECIDED)


@pytest.mark.parametrize(
    ("wanted", "got"), [("de", "de"), ("de-CH", "de"), ("DE_at", "de"), ("pl", "en"), ("en-GB", "en"), ("", "en")]
)
def test_a_letter_is_in_the_language_its_base_or_english(wanted: str, got: str) -> None:
    """A Swiss client gets the German letter, a Polish one the English."""
    assert template_language(load().plays["rest"], wanted) == got


def test_a_play_says_which_facts_it_lacks() -> None:
    """A play without its facts must not be offered, whether they are fields, commitments or made by code."""
    playbook = load(
        changed("plays/rest.md", '["answer_by"]', '["answer_by", "invoice_table", "pause_allowed", "records"]')
    )
    play, bare = playbook.plays["rest"], Facts(greeting_name="", owner_name="Robin Vale", language="en")
    assert play.missing(bare) == ("answer_by", "invoice_table", "pause_allowed", "records")
    euro = Money("EUR", Decimal(1))
    full = replace(
        bare,
        invoices=(InvoiceFact("1", date(2026, 1, 1), date(2026, 2, 1), euro, euro, 3),),
        commitments=(Commitment("answer_by", date(2026, 3, 3), "x"),),
        pause_allowed=True,
        records=(Record("approval"),),
    )
    assert play.missing(full) == ()
    assert play.missing(replace(full, records=(Record("mail", date(2026, 3, 1)),))) == ("records",)


def test_templates_see_facts_commitments_and_what_code_makes_of_them() -> None:
    """A missing date must be there as None, so that a letter can ask; a mere earlier mail must not pass for a record."""
    euro = Money("EUR", Decimal(1))
    invoice = InvoiceFact("1", date(2026, 1, 1), date(2026, 2, 1), euro, euro, 3)
    contested = replace(invoice, number="2", disputed=True)
    facts = Facts(
        greeting_name="Dana",
        owner_name="Robin Vale",
        language="en",
        invoices=(invoice, contested),
        records=(Record("mail", date(2026, 3, 1)), Record("mail", date(2026, 3, 9)), Record("approval")),
        commitments=(Commitment("answer_by", date(2026, 3, 3), "x"),),
    )
    values = template_values(facts, ["answer_by", "later"])
    assert (values["greeting_name"], values["answer_by"], values["later"]) == ("Dana", date(2026, 3, 3), None)
    assert (values["disputed"], values["undisputed"]) == ((contested,), (invoice,))
    assert (values["records"], values["last_written"]) == ((Record("approval"),), date(2026, 3, 9))


# --- what is refused


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("taxonomy.toml", 'name = "insults"', 'name = "nags"', "taxonomy.toml: the behaviour nags stands twice"),
        ("taxonomy.toml", 'was = "abuse"', 'was = "nags"', "the behaviour nags stands twice"),
        ("taxonomy.toml", "sure = 7", "sure = 3", "insults: unsure is above sure"),
        ("taxonomy.toml", "sure = 7", "sure = 70", "behaviours[1].sure: Input should be less than or equal to 10"),
        ("taxonomy.toml", "severity = 2\n", "", "the behaviour nags has no severity"),
        ("taxonomy.toml", "severity = 2", "severity = 9", "behaviours[0].severity:"),
        ("taxonomy.toml", 'basis = ["P", "E"]', 'basis = ["X"]', "behaviours[0].basis[0]:"),
        ("taxonomy.toml", 'name = "nags"', 'name = "Nags!"', "behaviours[0].name:"),
        (
            "taxonomy.toml",
            "definition",
            "defintion",
            "tones[0].defintion is not a setting; did you mean tones[0].definition?",
        ),
        ("taxonomy.toml", "version = 1", "version = 2", "version: Input should be 1"),
        ("taxonomy.toml", "version = 1", "version = ", "taxonomy.toml is not valid TOML"),
        (
            "playbook.toml",
            'nags = "rest"',
            'nagz = "rest"',
            "plays.nagz: nagz is no behaviour of taxonomy.toml; did you mean nags?",
        ),
        (
            "playbook.toml",
            'nags = "rest"',
            'nags = "rst"',
            "plays.nags: rst is no play, there is no file plays/rst.md; did you mean rest?",
        ),
        ("playbook.toml", 'ordinary = ["thanks"]', 'ordinary = ["nags"]', "replies.ordinary[0]: nags is no intent"),
        (
            "playbook.toml",
            'never_counts = ["complaint"]',
            'never_counts = ["zzz"]',
            "zzz is no behaviour or intent of taxonomy.toml.",
        ),
        ("playbook.toml", 'legal = ["threat"]', 'legal = ["war"]', "holds.abuse.legal[0]:"),
        (
            "playbook.toml",
            "min_gap_days",
            "min_gap_day",
            "ladder.min_gap_day is not a setting; did you mean ladder.min_gap_days?",
        ),
        ("playbook.toml", "min_gap_days = 5\n", "", "ladder.min_gap_days is missing."),
        (
            "playbook.toml",
            "min_gap_days = 5",
            "min_gap_days = true",
            "ladder.min_gap_days: Input should be a valid integer",
        ),
        (
            "playbook.toml",
            "pauses_work",
            "pause_work",
            "ladder.steps[1].pause_work is not a setting; did you mean ladder.steps[1].pauses_work?",
        ),
        ("playbook.toml", 'step = "L3"', 'step = "L1"', "ladder.steps: L1 stands twice"),
        (
            "playbook.toml",
            "L3 = { days = 7",
            "L4 = { days = 7",
            "ladder.profiles.seed.L4: L4 is no step of ladder.steps",
        ),
        (
            "playbook.toml",
            'after = "L1"',
            'after = "L5"',
            "ladder.profiles.seed.L3: after must be due or an earlier step",
        ),
        (
            "playbook.toml",
            "L3 = { days = 7, aft",
            "L3 = { day = 7, aft",
            "ladder.profiles.seed.L3.day is not a setting; did you mean ladder.profiles.seed.L3.days?",
        ),
        ("playbook.toml", 'send_from = "09:00"', 'send_from = "18:00"', "ladder: send_from must be before send_until"),
        (
            "playbook.toml",
            'profile = "default"',
            'profile = "strikt"',
            "verdict.profile: strikt is no profile; did you mean strict?",
        ),
        (
            "playbook.toml",
            "same_behaviour = 3",
            "same_behaviour = 0",
            "verdict.profiles.default.set_boundaries.same_behaviour:",
        ),
        ("playbook.toml", "[commitments]", "commitments = 3\n[more]", "more is not a setting"),
        ("playbook.toml", ", workdays = 5", "", 'commitments.later: workdays is given with rule = "workdays"'),
        ("playbook.toml", "later = {", "project = {", "commitments.project: project is a fact already"),
        ("playbook.toml", "en = { number", "de = { number", "invoice_table.en is missing"),
        (
            "plays/rest.md",
            "sets_boundary",
            "set_boundary",
            "plays/rest.md: set_boundary is not a setting; did you mean sets_boundary?",
        ),
        (
            "plays/rest.md",
            'label = "nags"',
            'label = "nagz"',
            "label: nagz is no behaviour or intent of taxonomy.toml; did you mean nags?",
        ),
        (
            "plays/rest.md",
            '"answer_by"',
            '"answer_bye"',
            "needs[0]: answer_bye is no fact that a letter may name; did you mean answer_by?",
        ),
        ("plays/rest.md", '"reply"', '"replay"', "plays/rest.md: kind:"),
        ("plays/rest.md", '["Say it."]', "[]", "plays/rest.md: moves:"),
        ("plays/rest.md", "+++\n## en", "## en", "the settings are not closed"),
        ("plays/rest.md", "## en firmer", "## firmer", "## firmer names no language"),
        ("plays/rest.md", "## en firmer", "## English", "## English names no language"),
        (
            "plays/rest.md",
            "## en firmer",
            "## en firm",
            "## en firm: firm is no stance; there are softer and firmer; did you mean firmer?",
        ),
        ("plays/rest.md", "## de", "## de softer", "there is no section ## de, the letter as decided"),
        ("plays/rest.md", "## en\n", "## fr\n", "there is no section ## en, the letter as decided"),
        (
            "plays/rest.md",
            "{{ answer_by |",
            "{{ anser_by |",
            "line 10: anser_by is no fact that a letter may name; did you mean answer_by?",
        ),
        ("plays/rest.md", "Hallo", "{{ anser_by() }}", "line 14: anser_by is no fact"),
        ("plays/rest.md", "i.number.upper()", "i.numbr", "line 10: numbr is no part of a fact; did you mean number?"),
        (
            "plays/rest.md",
            "loop.index }} {{",
            "loop.indx }} {{",
            "line 10: indx is no part of a fact; did you mean index?",
        ),
        ("plays/rest.md", "| day }}", "| dya }}", "line 10: dya is no filter of jinja2 or ours; did you mean day?"),
        ("plays/rest.md", "Hallo", "Hallo\n{% if %}", "line 15: Expected an expression"),
        (
            "plays/rest.md",
            "Hallo",
            "{% if project is defned %}{% endif %}",
            "defned is no test of jinja2; did you mean defined?",
        ),
        ("plays/rest.md", "Hallo", "{% include '_close.md' %}", "_close.md is no partial of the prompts"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_nearest_right_word(file: str, old: str, new: str, says: str) -> None:
    """Owners edit these files by hand: each mistake must say where it is and what was probably meant."""
    found = problems(changed(file, old, new))
    assert any(says in problem for problem in found), found


def test_all_problems_of_all_files_are_told_together() -> None:
    """Fixing one mistake must not uncover the next."""
    files = {
        "taxonomy.toml": TAXONOMY.replace('name = "insults"', 'name = "nags"'),
        "playbook.toml": PLAYBOOK.replace('nags = "rest"', 'nagz = "rst"'),
        "plays/rest.md": REST.replace("Hallo", "{{ projekt }}"),
        "plays/pay.md": PAY.replace("title", "titel"),
        "plays/bad.md": "no settings",
    }
    found = "\n".join(problems(files))
    said = ("stands twice", "nagz is no", "rst is no play", "projekt is no fact", "titel is not", "title is missing")
    assert [says for says in (*said, "bad.md: line 1") if says not in found] == []


@pytest.mark.parametrize("file", ["taxonomy.toml", "playbook.toml"])
def test_a_missing_file_is_named(file: str) -> None:
    """An own prompts directory with half of the files must say which half is missing."""
    assert f"{file} is missing." in problems({name: text for name, text in FILES.items() if name != file})


def test_partials_are_no_plays() -> None:
    """A shared closing line in plays/ must not be taken for a play without settings."""
    files = {**FILES, "plays/_close.md": "Kind regards", "plays/rest.md": REST + "{% include 'plays/_close.md' %}\n"}
    assert set(load(files).plays) == {"rest", "pay"}


# --- the shipped one

BEHAVIOURS = (
    "micromanaging distrust knows_better scope_creep anxious_questions surprised_by_terms pressing_for_fix fault_finding "
    "unresponsive controlling payment_delay aggression demeaning dishonesty unreasonable_demand invoice_dispute "
    "changes_mind ignores_advice competitor_leverage legal_risk"
).split()
SEVERITIES = [2, 2, 2, 3, 1, 2, 2, 3, 3, 3, 4, 5, 4, 4, 3, 3, 2, 3, 3, 5]
TONES = ["hostile", "frustrated", "impatient", "anxious", "warm", "neutral"]


@pytest.fixture(scope="module")
def playbook() -> Playbook:
    """The playbook that comes with Firmly."""
    library = PromptLibrary(None, shipped("prompts"))
    return load_playbook(lambda name: library.source(name).text, library.names())


def test_the_shipped_taxonomy_is_the_domains(playbook: Playbook) -> None:
    """Names, order and severity decide verdicts; a slip here would fire the wrong client."""
    taxonomy = playbook.taxonomy
    assert [rule.name for rule in taxonomy.behaviours] == BEHAVIOURS
    assert [rule.severity for rule in taxonomy.behaviours] == SEVERITIES
    assert [rule.name for rule in taxonomy.tones] == TONES
    assert {"question", "justified_complaint", "billing_query", "payment_promise", "paid_request", "auto_reply"} | {
        "newsletter",
        "thanks",
        "other",
    } == {rule.name for rule in taxonomy.intents}
    assert [rule.name for rule in taxonomy.behaviours if not (rule.include and rule.exclude and rule.basis)] == []
    records = [rule.name for rule in taxonomy.behaviours if Basis.EMAIL not in rule.basis]
    assert records == ["unresponsive", "dishonesty", "ignores_advice"]


def test_every_behaviour_and_every_letter_step_has_a_play(playbook: Playbook) -> None:
    """A label without a play would raise an attention item on each such mail."""
    assert set(playbook.behaviours) == set(BEHAVIOURS)
    plays = {name: playbook.play_for(Label(name)) for name in BEHAVIOURS}
    assert [name for name, play in plays.items() if play is None or play.label != name] == []
    steps = [(step.step, step.play) for step in playbook.ladder.steps]
    assert steps == [*((f"L{n}", f"payment_l{n}") for n in range(5)), ("L5", None)]
    assert {playbook.plays[name or ""].kind for _, name in steps[:5]} == {Kind.CHASE}
    assert [playbook.plays[playbook.events[event]].kind for event in ("nudge", "exit")] == [Kind.NUDGE, Kind.EXIT]


def test_the_shipped_holds_keep_drafts_from_what_wants_a_person(playbook: Playbook) -> None:
    """Aggression, legal matters, bank details and insolvency never get a draft."""
    held = {label for hold in playbook.holds.values() for label in hold.behaviours}
    legal = {kind for hold in playbook.holds.values() for kind in hold.legal}
    assert held == {"aggression", "legal_risk"}
    assert legal == set(LegalKind)
    assert [kind for kind, hold in playbook.holds.items() if hold.bank_details] == ["bank_details"]
    assert [kind for kind, hold in playbook.holds.items() if PaymentKind.INSOLVENCY in hold.payment] == ["insolvency"]


def test_the_shipped_ladder_has_the_domains_days(playbook: Playbook) -> None:
    """A wrong day chases too early or never."""
    days = {
        name: {step: (timing.days, timing.after) for step, timing in profile.items()}
        for name, profile in playbook.ladder.profiles.items()
    }
    common = {"L0": (-3, "due"), "L1": (2, "due"), "L4": (30, "due"), "L5": (45, "due")}
    assert days == {
        "seed": {**common, "L3": (7, "L1")},
        "patient": {**common, "L2": (7, "due"), "L3": (14, "L1")},
    }
    assert playbook.ladder.min_gap_days == 5
    assert [step.step for step in playbook.ladder.steps if step.pauses_work] == ["L3"]
    assert [step.step for step in playbook.ladder.steps if step.opt_in] == ["L0"]


def test_the_strict_profile_fires_at_the_first_time_and_the_default_does_not(playbook: Playbook) -> None:
    """The default softens the articles to a notice first."""
    default, strict = (playbook.verdicts.profiles[name].part_ways_recommended for name in ("default", "strict"))
    assert default.on_first == ()
    assert set(strict.on_first) == {
        "payment_delay",
        "invoice_dispute",
        "changes_mind",
        "ignores_advice",
        "competitor_leverage",
    }
    assert playbook.verdicts.profile == "default"


def test_every_shipped_play_has_all_stances_in_each_of_its_languages(playbook: Playbook) -> None:
    """A reviewer who asks for a firmer letter must not get the same one again."""
    lacking = [
        (name, language, stance)
        for name, play in playbook.plays.items()
        for language in play.languages
        for stance in Stance
        if (language, stance) not in play.templates
    ]
    assert lacking == []
