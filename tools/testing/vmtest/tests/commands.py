# SPDX-License-Identifier: GPL-2.0
"""What hotidctl does in order and out of order: exit status, words, and that nothing changes."""

import json
import re

from hotidtest.topology import IDENTITY, STAGES

from hotidtest.expect import check, same
from hotidtest.suite import test
from hotidtest.watcher import watching

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "hotidctl")


@test
def commands_out_of_order(world):
    """Each is refused with the reason and the fix, and changes nothing."""
    _, spare = world.rested()
    bare = spare.footprint()
    epoch = spare.identity()["epoch"]
    later = spare.identity()["known_epoch"] + 5
    spare.ctl("takeover", IDENTITY, status=1, wanted=r"web: the identity is not armed; arm it first")
    spare.ctl("release", IDENTITY, status=1, wanted=r"web: this node does not hold the identity")
    spare.ctl("disarm", IDENTITY, status=1, wanted=r"web: the identity is not armed")
    spare.ctl("arm", "nosuch", status=4, wanted=r"hotidctl: nosuch: name is no identity of this node; ")
    said = spare.ctl("--json", "arm", "nosuch", status=4)
    error = json.loads(said.err)["error"]
    same((said.out, error["name"], error["errno"], error["exit"]), ("", "nosuch", "ENOENT", 4),
         "the same as JSON")
    spare.ctl("watch", "nosuch", status=4, wanted=r"neither an identity nor a peer")
    spare.ctl("arm", status=2, wanted=r"the name of the identity is missing")
    spare.ctl("takeover", IDENTITY, "--epoch", "0", status=2, wanted=r"give a number from 1 to")
    spare.expect("offline", epoch=epoch)
    same(spare.footprint(), bare, "what the refused commands left")

    spare.arm()
    spare.ctl("arm", IDENTITY, status=1, wanted=r"web: the identity is armed already")
    spare.ctl("release", IDENTITY, status=1, wanted=r"this node does not hold the identity")
    spare.expect("armed", epoch=epoch)
    spare.ctl("takeover", IDENTITY, "--epoch", later, wanted=r"web: held after")
    for words, why in ((("takeover", IDENTITY), "the identity is not armed"),
                       (("arm", IDENTITY), "only an offline identity can be armed"),
                       (("disarm", IDENTITY), "the identity is taken; release it instead"),
                       (("release", IDENTITY, "--epoch", later - 1),
                        "the epoch is not the current one")):
        spare.ctl(*words, status=1, wanted=why)
    spare.expect("held", epoch=later)
    spare.ctl("release", IDENTITY, "--epoch", later, wanted=r"web: offline after")
    same(spare.footprint(), bare, "what is left after the release")


@test
def watch_is_limited_to_a_name(world):
    """To what concerns one identity or one peer."""
    _, spare = world.rested()
    with watching(spare, IDENTITY) as events:
        spare.arm()
    same({event.get("name") or event["identity"]["name"] for event in events}, {IDENTITY},
         "identities of the events")
    same({event["event"] for event in events}, {"identity", "step"}, "events")
    with watching(spare, spare.peer_name) as events:
        spare.ctl("disarm", IDENTITY)
    same([event for event in events if event["event"] != "peer"], [], "events of the identity")


@test
def old_epoch_is_refused(world):
    """Of the epoch that is known, and of one before it, nothing can be taken."""
    active, spare = world.rested()
    active.take()
    spare.arm()
    world.roles()               # the spare knows the holder and the epoch
    epoch = active.identity()["epoch"]
    before = spare.footprint()
    for old in (epoch, max(epoch - 1, 1)):
        spare.ctl("takeover", IDENTITY, "--epoch", old, status=1,
                  wanted=r"web: epoch: the epoch is not higher than the one known")
    spare.expect("armed", epoch=epoch)
    same(spare.footprint(), before, "what the refused takeovers changed")
    active.expect("held", epoch=epoch)
    world.borne_by(active)


@test
def only_the_privileged_may(world):
    """Whoever is not root may look, and nothing else."""
    _, spare = world.rested()
    before = spare.footprint()
    spare.run(*NOBODY, "status", wanted=r"node spare ")
    spare.run(*NOBODY, "history", IDENTITY)
    for words in (("arm", IDENTITY), ("disarm", IDENTITY), ("takeover", IDENTITY),
                  ("release", IDENTITY)):
        spare.run(*NOBODY, *words, status=6, wanted=r"hotidctl: web: .*CAP_NET_ADMIN")
    spare.expect("offline")
    same(spare.footprint(), before, "what nobody changed")


@test
def takeover_shows_its_steps(world):
    """To people and to scripts, as they happen; afterwards the history has all stages in order."""
    _, spare = world.rested()
    spare.arm()
    said = spare.ctl("takeover", IDENTITY)
    shown = list(dict.fromkeys(re.findall(r"^  \+ *[0-9.]+ ms  (\w+) .* done ", said.out,
                                          re.MULTILINE)))
    same(shown, list(STAGES), f"stages shown to people\n{said.out}")
    check(said.out.splitlines()[-1].startswith("web: held after "), said.out)
    spare.ctl("release", IDENTITY, wanted="web: offline after")

    spare.arm()
    said = spare.ctl("--json", "takeover", IDENTITY)
    indexes = [step["index"] for step in said.taken()]
    same(indexes, list(range(len(indexes))), "order of the steps")
    same(said.begun(), indexes[1:], "steps that were told of as they began")
    same(list(dict.fromkeys(step["stage"] for step in said.taken())), list(STAGES),
         "stages as they ended")
    same(said.events()[-1] | {"took_ns": 0},
         {"version": 1, "event": "end", "name": IDENTITY, "state": "held", "took_ns": 0, "exit": 0},
         "the last line")

    record = spare.history()[-1]
    same((record["state"], record["previous"], record["reason"]), ("held", "taking", "steps-done"),
         "the last change in the history")
    same([stage["name"] for stage in record["stages"]], list(STAGES), "stages in the history")
    times = [time for stage in record["stages"] for time in (stage["start_ns"], stage["end_ns"])]
    same(times, sorted(times), "times of the stages")
    check(times[-1] <= record["changed_ns"], "a stage ends after the takeover")
    spare.bears_all()
    world.borne_by(spare)
