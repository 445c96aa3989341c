"""The ladder of the playbook as the settings that `climb` takes."""

from datetime import timedelta

from pipeline.domain.ladder import LadderSettings, Profile, Rung, Step
from pipeline.errors import PlaybookError
from pipeline.playbook import Playbook


def ladder_settings(playbook: Playbook, *, profile: str, fresh_for: timedelta) -> LadderSettings:
    """The playbook's ladder and promise rules, with the config's profile and freshness.

    Raises `PlaybookError` for a step beyond L0 to L5 or a profile that the playbook lacks.
    """
    ladder = playbook.ladder
    steps = {step.step: step for step in ladder.steps}
    if unknown := steps.keys() - {str(step) for step in Step}:
        raise PlaybookError(
            f"The ladder has no step {', '.join(sorted(unknown))}.",
            fix="Its steps are L0 to L5: leave out of a profile what you do not want.",
        )
    if profile not in ladder.profiles:
        raise PlaybookError(
            f"The playbook has no ladder profile {profile!r}.",
            fix=f"Use one of: {', '.join(ladder.profiles)}.",
        )
    profiles = tuple(
        Profile(
            name,
            tuple(
                Rung(
                    Step(step),
                    timings[step].days,
                    None if timings[step].after == "due" else Step(timings[step].after),
                    opt_in=steps[step].opt_in,
                    pauses_work=steps[step].pauses_work,
                )
                for step in sorted(timings)
            ),
        )
        for name, timings in ladder.profiles.items()
    )
    return LadderSettings(
        profiles=profiles,
        profile=profile,
        spacing_days=ladder.min_gap_days,
        window_start=ladder.send_from,
        window_end=ladder.send_until,
        fresh_for=fresh_for,
        out_of_office_days=playbook.pauses.out_of_office_days,
        claim_workdays=playbook.pauses.claim_workdays,
        confirmed_days=playbook.claims.confirmed_days,
        check_after_workdays=playbook.promises.check_after_workdays,
        broken_promises=playbook.promises.broken_to_person,
        statement_from=ladder.statement_from_invoices,
    )
