// Faults of certificates and handshakes in words that an administrator can act on: which certificate, what is
// wrong with it, and how to mend it.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"
#include "net/openssl.h"
#include "net/tls_names.h"

namespace sidetone::net {

// certificate "CN=..." (issuer "CN=...", serial 0A1B)
[[nodiscard]] std::string describe_certificate(const X509& certificate);
[[nodiscard]] std::string time_text(const ASN1_TIME* time);  // "2026-03-01 12:00:00 UTC"

// `code`: X509_V_ERR_*. `whose`: "server" or "client".
[[nodiscard]] Error certificate_fault(int code, const X509& certificate, std::string_view whose);
[[nodiscard]] Error name_fault(const X509& certificate, const CertificateNames& names,
                               std::string_view wanted);

struct HandshakeFacts {
  bool is_client = true;
  bool asked_for_certificate = false;  // client: the server wanted ours
  bool has_certificate = false;        // ... and we have one
  std::string certificate_file;
};
// From OpenSSL's error queue, which is emptied.
[[nodiscard]] Error handshake_fault(const HandshakeFacts& facts);
// The peer closed the connection before the handshake was over.
[[nodiscard]] Error handshake_cut(const HandshakeFacts& facts, std::string_view why);

// The text of the newest entry of OpenSSL's error queue, which is emptied.
[[nodiscard]] std::string last_openssl_error();

}  // namespace sidetone::net
