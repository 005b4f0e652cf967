"""Proves that `sidetone-lab agents` loads a server with calls as its script says, and tells the truth about those that
fail."""
import json
import socket
import subprocess

import driver


class Agents(driver.TestCase):
    def agents(self, server, *arguments):
        done = subprocess.run([driver.SIDETONE_LAB, "agents", "--server", server, "--json", *arguments], cwd=self.folder,
                              text=True, capture_output=True, timeout=60, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def test_calls_with_speech_end_as_the_script_says(self):
        lab = self.lab()
        code, report, progress = self.agents(lab.address, "--count", "6", "--rate", "20", "--calls", "6", "--script",
                                             "ring 0.1; talk 0.6; hold 0.2; dtmf 1; talk 0.5; customer-hangup")
        self.assertEqual(0, code, progress)
        self.assertEqual((6, 6, 0), (report["calls"], report["finished"], report["failed"]))
        self.assertGreaterEqual(report["answer_ms"]["median"], 100)
        self.assertEqual(12, report["mos"]["ends"])
        self.assertGreater(report["mos"]["worst"], 2.5)  # what a busy machine leaves of it
        self.assertGreater(report["mos"]["packets"], 400)

    def test_many_calls_a_second_without_sound(self):
        lab = self.lab()
        code, report, progress = self.agents(lab.address, "--count", "40", "--rate", "50", "--calls", "100",
                                             "--signalling-only", "--script", "talk 0.2")
        self.assertEqual(0, code, progress)
        self.assertEqual((100, 0), (report["finished"], report["failed"]))
        self.assertNotIn("mos", report)

    def test_by_tls(self):
        lab = self.tls_lab()
        code, report, progress = self.agents(lab.address, "--count", "6", "--rate", "20", "--calls", "6",
                                             "--signalling-only", "--script", "talk 0.2", "--transport", "tls",
                                             "--ca-file", lab.certificate)
        self.assertEqual(0, code, progress)
        self.assertEqual((6, 0), (report["finished"], report["failed"]))
        code, report, progress = self.agents(lab.address, "--count", "1", "--calls", "1", "--patience", "2",
                                             "--signalling-only", "--transport", "tls")
        self.assertEqual(1, code)
        self.assertIn("certificate", progress)

    def test_more_calls_than_agents_are_told(self):
        lab = self.lab()
        code, report, _ = self.agents(lab.address, "--count", "1", "--rate", "20", "--calls", "4", "--signalling-only",
                                      "--script", "talk 1")
        self.assertEqual(0, code)
        self.assertEqual((1, 3), (report["calls"], report["nobody_free"]))

    def test_a_silent_server_is_given_up(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:  # takes REGISTERs and says nothing
            nobody.bind(("127.0.0.1", 0))
            done = subprocess.run(
                [driver.SIDETONE_LAB, "agents", "--server", f"127.0.0.1:{nobody.getsockname()[1]}", "--calls", "1",
                 "--count", "1", "--patience", "1", "--quiet", "--signalling-only"], text=True, capture_output=True,
                timeout=60, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("a line did not register", done.stdout)

    def test_a_wrong_script_is_named(self):
        done = subprocess.run([driver.SIDETONE_LAB, "agents", "--script", "talk 1; sing 2"], text=True,
                              capture_output=True, timeout=20, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("step 2 of the script, 'sing 2'", done.stderr)


if __name__ == "__main__":
    driver.needs("sox", "sox")
    driver.main()
