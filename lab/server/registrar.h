// The location service: which DN is where (RFC 3261 §10.3), and the gate in front of it (digest, §22).
// A contact is reached by the flow on which its REGISTER came, whatever its URI says (RFC 5626 §5.3 in
// spirit): phones behind an address translator, or with a wrong idea of their address, still ring.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "labserver/settings.h"
#include "sip/auth/digest.h"
#include "sip/message/message.h"
#include "sip/stack.h"

namespace sidetone::lab {

// Bound: a phone has a handful of lines; more contacts of one DN are a mistake or an attack.
inline constexpr std::size_t contacts_per_dn_max = 16;
// Bound on DNs that may appear by themselves when unknown ones are admitted.
inline constexpr std::size_t dns_max = 20000;

struct Binding {
  std::string contact;  // URI
  sip::Flow flow;
  std::string call_id;  // of the REGISTER, with its CSeq: an older one must not undo a newer one
  std::uint32_t cseq = 0;
  Time expires;
  std::uint64_t order = 0;  // grows with each REGISTER: the newest wins
};

class Registrar {
 public:
  Registrar(const ServerSettings& settings, Random& random);

  // What a REGISTER gets; bindings change as a side effect.
  [[nodiscard]] sip::Response handle(const sip::Message& request, const sip::Flow& flow, Time now);
  // The challenge or refusal that `request` deserves, nothing when it may pass as `dn`.
  [[nodiscard]] std::optional<sip::Response> challenge(const sip::Message& request, std::string_view dn,
                                                       bool proxy, Time now) const;

  [[nodiscard]] std::vector<Binding> lookup(std::string_view dn, Time now) const;  // newest first
  [[nodiscard]] bool knows(std::string_view dn) const;
  [[nodiscard]] std::vector<std::string> registered(Time now) const;

  // A DN's first contact came, or its last one went.
  struct ServiceChange {
    std::string dn;
    bool in_service = false;
  };
  [[nodiscard]] std::vector<ServiceChange> take_changes() { return std::exchange(changes_, {}); }

  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  struct Counters {
    std::uint64_t accepted = 0, challenged = 0, refused = 0, expired = 0, removed = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  using Bindings = std::vector<Binding>;

  [[nodiscard]] const User* user(std::string_view dn) const;
  sip::Response update(Bindings& bindings, const sip::Message& request, const sip::Flow& flow, Time now);
  std::optional<sip::Response> remove_all(Bindings& bindings, const sip::Message& request);
  [[nodiscard]] sip::Response listing(const Bindings& bindings, Time now) const;

  void note_expiry(Time when);

  const ServerSettings& settings_;
  sip::DigestServer digest_;
  std::map<std::string, Bindings, std::less<>> bindings_;
  std::vector<ServiceChange> changes_;
  std::uint64_t order_ = 0;
  std::optional<Time> next_expiry_;
  mutable Counters counters_;
};

// The user part of an address header or request URI, unescaped: the DN. Empty when there is none.
[[nodiscard]] std::string dn_of_uri(std::string_view uri);
[[nodiscard]] std::string dn_of_header(std::string_view name_addr);

}  // namespace sidetone::lab
