// Our own certificate with its key, as read from PEM files.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "net/openssl.h"
#include "net/tls_settings.h"

namespace sidetone::net {

struct TlsIdentity {
  openssl::Certificate certificate;
  std::vector<openssl::Certificate> issuers;
  openssl::Key key;
  std::vector<Error> warnings;  // what will trouble others: it has expired
};

// Faults name the file, the line in it, and the certificate.
[[nodiscard]] Expected<TlsIdentity> load_identity(const TlsSettings& settings);
// Reads a PEM or other small file whole.
[[nodiscard]] Expected<std::string> read_pem(const std::string& path, std::string_view what);

}  // namespace sidetone::net
