"""Proves that Debian's baresip is a party of a three-way conference like any other, in the lab's mixer, which asks for
offers or is asked with one: everybody hears the two others and not himself, and when one leaves, the two that stay go
on. And in the mixer of our own phone."""
import glob
import os

import baresip_peer
import driver
import lab_desk
from lab_scenarios import Scenarios

AGENT, OTHER, BARESIP = "7001", "7002", "7003"
RATE = 8000  # of PCMU, which all of them speak here


class Conferences(Scenarios, baresip_peer.TestCase):
    def setUp(self):
        super().setUp()
        self.foreign = {}

    def open_desk(self, *options):
        self.open_lab(*options)
        for dn in (AGENT, OTHER):
            self.open_phone(dn)
        self.foreign[BARESIP] = self.baresip(BARESIP, "PCMU", voice=self.loud(self.give_voice(BARESIP)),
                                             server=self.the_lab.address, jitter_buffer=False)
        self.foreign[BARESIP].wait_line("200 OK")

    def loud(self, voice):
        """Our phones bring their voices to one level; baresip does not."""
        path = self.path("loud.wav")
        driver.sox(voice, path, "gain", "-l", "4")
        return path

    # --- what baresip hears: the file that its decoder's sound goes to is read as it grows
    def recording(self, dn):
        return max(glob.glob(f"{self.folder}/{dn}/dump-*-dec.wav"), key=os.path.getmtime)

    def listen(self, title, hears, calls=None):
        foreign = {dn: os.path.getsize(self.recording(dn)) for dn in hears if dn in self.foreign}
        super().listen(title, {dn: wanted for dn, wanted in hears.items() if dn in self.phones}, calls)
        for dn, begun in foreign.items():
            path, size = self.recording(dn), round(lab_desk.LISTEN_TO_A_MIX_S * RATE) * 2
            driver.until(lambda path=path, end=begun + size: os.path.getsize(path) >= end, f"{dn} records")
            with open(path, "rb") as file:
                raw = self.write_file(f"{title}-{dn}.raw", file.read()[-size:])
            stereo = self.path(f"{title}-{dn}.wav")
            driver.sox("-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", raw, stereo, "remix", "1", "1")
            self.check(title, dn, stereo, hears[dn])

    def all_hear_the_others(self):
        everybody = (AGENT, OTHER, BARESIP)
        self.listen("conference", {dn: [other for other in everybody if other != dn] for dn in everybody})

    # --- the lab's mixer
    def test_baresip_calls_and_the_agent_leaves(self):
        """baresip is held, retrieved and moved to the mixer; the mixer makes the offers."""
        self.open_desk()
        self.foreign[BARESIP].command("dial", f"sip:{AGENT}@{self.the_lab.address}")
        self.wait_event("EventRinging", AGENT)
        self.request("answer-call", AGENT)
        self.connected(AGENT)
        self.foreign[BARESIP].wait_line("Call established")
        self.consult(AGENT, OTHER, "initiate-conference")
        self.request("complete-conference", AGENT)
        self.calls = {dn: self.only_call(dn) for dn in (AGENT, OTHER)}
        self.all_hear_the_others()
        self.request("release-call", AGENT)
        self.over(AGENT)
        self.both_hear("two are left", OTHER, BARESIP)

    def test_baresip_is_consulted_and_leaves(self):
        """The mixer gets what baresip has said of itself."""
        self.open_desk("--offers-to-mixer")
        self.talk(OTHER, AGENT)
        self.request("initiate-conference", AGENT, BARESIP)
        self.wait_event("EventEstablished", AGENT, BARESIP)
        self.request("complete-conference", AGENT)
        self.calls = {dn: self.only_call(dn) for dn in (AGENT, OTHER)}
        self.all_hear_the_others()
        self.foreign[BARESIP].command("hangup")
        self.wait_event("EventPartyDeleted", AGENT, BARESIP)
        self.both_hear("two are left", AGENT, OTHER)

    # --- ours
    def test_our_phone_mixes(self):
        """baresip 1.1 decodes nothing any more after a hold by a=sendonly, so it is the other one who waits."""
        self.open_desk()
        agent = self.phones[AGENT]
        agent.send("dial", target=OTHER)
        self.phones[OTHER].wait_call(state="ringing")
        self.phones[OTHER].send("answer")
        self.connected(OTHER)
        with_other = agent.wait_call(state="connected", remote_number=OTHER)["call"]
        agent.send("dial", target=BARESIP)
        with_baresip = agent.wait_call(state="connected", remote_number=BARESIP)["call"]
        for call in (with_baresip, with_other):
            agent.send("confer", call=call)
            agent.wait_call(call=call, in_conference=True, hold_wanted=False)
        self.listen("conference", {OTHER: [AGENT, BARESIP], BARESIP: [AGENT, OTHER]})


if __name__ == "__main__":
    driver.needs("baresip", "baresip")
    driver.needs("sox", "sox")
    driver.main()
