// What the lab's SIP server is told before it starts. Values only.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "sip/auth/digest.h"
#include "sip/stack.h"

namespace sidetone::lab {

// A DN that may register. An empty password admits it without a challenge.
struct User {
  std::string dn;
  Secret<std::string> password;
};

// DNs that never register, such as a media endpoint's: every DN with this prefix goes to one fixed address.
// The longest prefix wins, and a route wins over a registration.
struct Route {
  std::string prefix;
  sip::Transport transport = sip::Transport::udp;
  std::string host;
  std::uint16_t port = 5060;
};

struct ServerSettings {
  std::string realm = "lab.example";
  std::vector<User> users;
  bool admit_unknown_dns = false;  // DNs beyond `users` may register and call, unchallenged
  bool challenge_invites = false;
  std::vector<sip::DigestAlgorithm> algorithms = {sip::DigestAlgorithm::sha256, sip::DigestAlgorithm::md5};
  std::vector<Route> routes;
  bool fork = false;  // ring every contact of a DN; otherwise only the newest

  // RFC 3261 §10.2.8: a refresh interval shorter than expires_min is refused with 423 (§10.3 step 7).
  std::chrono::seconds expires_min{10};
  std::chrono::seconds expires_default{3600};
  std::chrono::seconds expires_max{7200};

  // Like a proxy's timer C (RFC 3261 §16.6 step 11): nobody rings for ever.
  Duration ring_max = std::chrono::minutes(3);
  // Both legs of a call are asked by OPTIONS in the dialog whether they are still there: a phone that
  // vanished must not keep the other one connected. 0: never.
  Duration leg_check_interval = std::chrono::seconds(60);

  sip::TransportSettings transport;
  sip::TimerSettings timers;
  sip::SessionTimerSettings session_timer;
};

}  // namespace sidetone::lab
