// What an administrator says about TLS: whom we trust, who we are, and what a peer must prove.
#pragma once

#include <chrono>
#include <string>

#include "base/secret.h"

namespace sidetone::net {

// tls-target-name-check. `none` still asks for a certificate from a trusted authority.
enum class TlsNameCheck { host, none };

// What we, as a server, ask of clients. RFC 5923 §9.2 wants that we ask; who has no certificate, or none that
// we can verify, is served all the same but proves no name.
enum class TlsClientCertificates { ask, demand };

struct TlsSettings {
  bool system_trust = true;  // the system's store of certificate authorities
  std::string ca_file;       // PEM, more authorities
  std::string ca_dir;        // with names as `openssl rehash` makes them
  // PEM: our certificate and then those of its issuers. Shown to servers that ask for one, and our own when
  // we are the server.
  std::string certificate_file;
  std::string key_file;  // PEM; empty: in certificate_file, too
  Secret<std::string> key_passphrase;
  TlsNameCheck name_check = TlsNameCheck::host;
  TlsClientCertificates client_certificates = TlsClientCertificates::ask;
  // Of clients, as seen by us as the server. It takes two round trips and a signature; who needs longer is
  // stalled or means harm.
  std::chrono::milliseconds handshake_max{10000};
};

}  // namespace sidetone::net
