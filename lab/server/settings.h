// What the lab's SIP server is told before it starts. Values only.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "labserver/dn_options.h"
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

// DNs at which the media server plays and mixes; INVITEs to them take their route.
struct TreatmentDns {
  std::string music = "7102", ringback = "7105", busy = "7106";
  std::string conference_prefix = "7190";  // with a number: one conference, the same for all parties
};

struct ServerSettings {
  std::string realm = "lab.example";
  std::vector<User> users;
  bool admit_unknown_dns = false;  // DNs beyond `users` may register and call, unchallenged
  bool challenge_invites = false;
  std::vector<sip::DigestAlgorithm> algorithms = {sip::DigestAlgorithm::sha256, sip::DigestAlgorithm::md5};
  std::vector<Route> routes;
  // --- third-party call control
  DnOptions dn_defaults;
  std::map<std::string, DnOptions, std::less<>> dn_options;  // by DN, instead of the defaults
  TreatmentDns treatments;
  bool music_on_hold = false;                     // all held parties hear music; otherwise silence
  bool busy_treatment = false;                    // a party whose destination refused hears the busy tone
  bool conference_without_delayed_offer = false;  // the mixer gets an offer with its INVITE
  [[nodiscard]] const DnOptions& options_of(std::string_view dn) const {
    const auto own = dn_options.find(dn);
    return own == dn_options.end() ? dn_defaults : own->second;
  }

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
