"""Certificates for tests, made by the `openssl` program in the test's own folder."""
import os
import subprocess


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, timeout=20,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


class Authority:
    def __init__(self, folder, name="Test-CA"):
        self.folder, self.name = folder, name
        self.certificate, self.key = self._path(f"{name}.pem"), self._path(f"{name}.key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9",
                "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.certificate)

    def _path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, san, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), expired=False):
        """One PEM file with certificate and key."""
        request, extensions, key_file = (self._path(f"{name}.{end}") for end in ("csr", "ext", "key"))
        certificate, both = self._path(f"{name}.crt"), self._path(f"{name}-both.pem")
        openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", key_file, "-out", request)
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={san}\nbasicConstraints=CA:FALSE\n")
        arguments = ["-days", "9"]
        if expired:  # at once: `x509 -req` of OpenSSL 3.0 cannot date back, that of 3.5 takes no negative days
            arguments = ["-days", "0"]
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-set_serial",
                "0x0A1B", "-extfile", extensions, "-out", certificate, *arguments)
        with open(both, "w", encoding="ascii") as out:
            for part in (certificate, key_file):
                with open(part, encoding="ascii") as file:
                    out.write(file.read())
        return both
