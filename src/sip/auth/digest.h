// Digest access authentication for both sides (RFC 3261 §22, RFC 7616, RFC 8760): MD5, SHA-256,
// SHA-512-256, qop auth and auth-int, nonce reuse with nc, stale. Pure: hashes are computed by code here,
// because OpenSSL stays above this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "sip/auth/challenge.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct Credentials {
  std::string user;
  Secret<std::string> password;
  std::string realm;  // empty: any
  // Challenges with a weaker one are not answered. The strongest that a response offers is taken anyway.
  DigestAlgorithm algorithm_min = DigestAlgorithm::md5;
};

// Client side: one per account; remembers challenges, so that later requests carry credentials at once.
class DigestClient {
 public:
  // Takes the challenges of a 401/407 and adds credentials to `request` (a fresh copy of what was refused,
  // with a new CSeq). False: nothing to answer with (no challenge that we speak, or the same nonce refused
  // without stale: wrong password). Of several it takes the strongest algorithm that the server offers per
  // realm. The credentials that the copy still carries tell what was refused; a copy without any was refused
  // for having none, whatever other requests of the account have sent meanwhile.
  bool answer(const Message& response, const Credentials& credentials, Message& request, Random& random);
  // Adds credentials for challenges seen before (preemptive), with the next nc.
  void authorize(const Credentials& credentials, Message& request, Random& random);
  void forget();

  // The Authentication-Info of a 2xx to `request` (RFC 7616 §3.5): takes its nextnonce, and says what its
  // rspauth is worth. `wrong`: who answered does not know the password.
  enum class Proof { none, right, wrong };
  Proof take_info(const Message& response, const Credentials& credentials, const Message& request);

 private:
  struct Session {
    Challenge challenge;
    bool proxy = false;
    std::uint32_t nonce_count = 0;
    std::string cnonce;
  };
  bool accept(Session challenge, const Message& refused);
  static std::string write(Session& session, const Credentials& credentials, const Message& request,
                           Random& random);
  std::vector<Session> sessions_;
};

// Server side (the lab's registrar): stateless nonces bound to time.
class DigestServer {
 public:
  DigestServer(std::string realm, std::vector<DigestAlgorithm> algorithms, std::string nonce_key);
  // Adds one WWW-Authenticate (or Proxy-Authenticate) per algorithm, best first.
  void challenge(Message& response, bool proxy, bool stale, Time now) const;
  enum class Verdict { ok, missing, wrong, stale };
  [[nodiscard]] Verdict verify(const Message& request, bool proxy, std::string_view user,
                               const Secret<std::string>& password, Time now) const;
  // The user name that the request claims, to look the password up.
  [[nodiscard]] static std::string_view claimed_user(const Message& request, bool proxy);

 private:
  std::string realm_;
  std::vector<DigestAlgorithm> algorithms_;
  std::string nonce_key_;
};

}  // namespace sidetone::sip
