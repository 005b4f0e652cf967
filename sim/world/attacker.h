// A stranger on the network who knows more than a stranger should: it overhears the phones' dialogs and sends
// requests that look like parts of them, beside calls out of nowhere and bytes that are no SIP at all. Its
// datagrams reach the phones from its own address, and none of them may change anything there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/network.h"
#include "sim/phone.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class Attacker {
 public:
  Attacker(IpAddress ip, Network& network, Random& random, Verdict& verdict)
      : ip_(ip), network_(network), random_(random), verdict_(verdict) {}

  // What passes on the wire.
  void overhear(IpAddress from, IpAddress to, const sip::Bytes& bytes, Time now);
  void attack(Phone& phone, Time now);

  // Datagrams by kind, and the phones' answers by status.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counters() const { return counters_; }

 private:
  [[nodiscard]] std::string stray_request(const Phone& phone, std::string_view method);
  [[nodiscard]] std::string forged_request(const sip::Bytes& model, std::string_view method);
  [[nodiscard]] std::string garbage();
  void strike(Phone& phone, std::string_view kind, std::string bytes, Time now);

  IpAddress ip_;
  Network& network_;
  Random& random_;
  Verdict& verdict_;
  std::map<IpAddress, std::vector<sip::Bytes>> overheard_;  // requests in dialogs, by their receiver
  std::map<std::string, std::uint64_t> counters_;
};

}  // namespace sidetone::sim
