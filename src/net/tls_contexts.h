// OpenSSL's contexts for one set of TlsSettings, and what each handshake checks of its peer.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/expected.h"
#include "net/openssl.h"
#include "net/tls_settings.h"

namespace sidetone::net {

struct TlsContexts {
  openssl::Context client;
  openssl::Context server;      // only with a certificate of our own
  std::vector<Error> warnings;  // about our own certificate
};

// Takes some milliseconds and reads files: not for the signalling thread.
[[nodiscard]] Expected<TlsContexts> make_contexts(const TlsSettings& settings);

// Sessions to resume, by the name that they were verified for. One profile's, so that no session crosses from
// one set of certificates to another.
class TlsSessions {
 public:
  void add(const std::string& name, openssl::Session session);
  // A TLS 1.3 ticket is used once (RFC 8446 §C.4); a session of 1.2 stays.
  [[nodiscard]] openssl::Session take(const std::string& name);
  void remove(const std::string& name) {
    if (const auto found = sessions_.find(name); found != sessions_.end()) found->second.reset();
  }

 private:
  // Bound: a phone has six lines with some servers each.
  static constexpr std::size_t names_max = 64;
  std::unordered_map<std::string, openssl::Session> sessions_;
  std::deque<std::string> order_;  // oldest first
};

// One handshake's view of its peer; attached to its SSL.
struct TlsPeerCheck {
  bool is_client = true;
  std::string wanted;  // the name that the server must prove
  bool check_name = true;
  bool refuse_unverified = true;    // a server that only asks goes on without
  TlsSessions* sessions = nullptr;  // client: where new sessions go
  // What came of it.
  std::optional<Error> fault;
  bool asked_for_certificate = false;
};
void attach(SSL& ssl, TlsPeerCheck& check);

}  // namespace sidetone::net
