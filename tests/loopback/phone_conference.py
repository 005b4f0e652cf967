"""Proves that one phone with several calls does what its user wants: a conference in which everybody hears
everybody, music for whom it holds, a file for the far end, and a recording of both sides."""
import driver

SPEECH_S = 4
LISTEN_S = 2 * (SPEECH_S + 1) + 0.5  # phones speak in a loop: all of it is in any ten seconds


class Conference(driver.TestCase):
    def setUp(self):
        self.the_lab = self.lab()
        self.says = {name: driver.speech(self.path(f"{name}-says.wav"), 8000, SPEECH_S, start=start, after=1)
                     for name, start in (("bob", 0), ("carol", SPEECH_S), ("music", 2))}

    def start_phone(self, user, *arguments):
        return self.registered_phone(self.the_lab, user, "--codecs", "pcmu", *arguments)

    def call(self, caller, user):
        """Calls a phone that answers by itself; the id of the call."""
        caller.send("dial", target=user)
        return caller.wait_call(state="connected", remote_number=user)["call"]

    def listen(self, *recordings):
        """From now on, on all of them."""
        lengths_s = [driver.recorded_s(path) + LISTEN_S for path in recordings]
        for path, length_s in zip(recordings, lengths_s):
            driver.until_recorded(path, length_s)

    def test_three_hear_each_other(self):
        alice = self.start_phone("7001")
        ends = {user: self.start_phone(user, "--auto-answer", "--speak", self.says[name],
                                       "--record", self.path(f"{name}-hears.wav"))
                for user, name in (("7002", "bob"), ("7003", "carol"))}
        calls = {user: self.call(alice, user) for user in ends}
        for user in ("7003", "7002"):
            alice.send("confer", call=calls[user])
            alice.wait_call(call=calls[user], in_conference=True, hold_wanted=False)
        alice.send("record", call=calls["7002"], path=self.path("both.wav"))
        self.listen(self.path("bob-hears.wav"), self.path("carol-hears.wav"))
        driver.until_recorded(self.path("both.wav"), 2 * LISTEN_S)  # two channels
        for call in calls.values():
            alice.send("hang_up", call=call)
            alice.wait_ended("hung_up_here")
        for end in ends.values():
            end.wait_ended("hung_up_there")
        driver.check_speech(self.says["carol"], self.path("bob-hears.wav"), low_rate=True)
        driver.check_speech(self.says["bob"], self.path("carol-hears.wav"), low_rate=True)
        left, right = driver.channels(self.path("both.wav"), self.path("left.wav"), self.path("right.wav"))
        driver.check_speech(self.says["carol"], left, low_rate=True)
        driver.check_speech(self.says["bob"], right, low_rate=True)

    def test_held_ones_hear_music(self):
        alice = self.start_phone("7001", "--hold-music", self.says["music"])
        bob = self.start_phone("7002", "--auto-answer", "--record", self.path("hears.wav"))
        call = self.call(alice, "7002")
        alice.send("hold")
        alice.wait_call(held_by_us=True)
        bob.wait_call(held_by_peer=True)
        self.listen(self.path("hears.wav"))
        alice.send("hang_up", call=call)
        bob.wait_ended("hung_up_there")
        driver.check_speech(self.says["music"], self.path("hears.wav"), low_rate=True)

    def test_a_file_is_played_to_its_end(self):
        alice = self.start_phone("7001")
        bob = self.start_phone("7002", "--auto-answer", "--record", self.path("hears.wav"))
        call = self.call(alice, "7002")
        alice.send("play_file", path=self.path("nothing.wav"))
        failed = alice.wait("command_failed")
        self.assertEqual("play_file", failed["command"])
        self.assertIn("nothing.wav", failed["problem"]["text"])
        alice.send("play_file", path=self.says["music"])
        alice.wait_call(playing=True)
        self.assertEqual(call, alice.wait("file_played")["call"])
        alice.send("hang_up")
        bob.wait_ended("hung_up_there")
        driver.check_speech(self.says["music"], self.path("hears.wav"), low_rate=True)


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
