#include "labserver/call.h"

#include <algorithm>

namespace sidetone::lab {

Party* Call::party(std::string_view dn) {
  const auto found = std::find_if(parties.begin(), parties.end(), [&](const Party& p) { return p.dn == dn; });
  return found == parties.end() ? nullptr : &*found;
}

Party* Call::callee(std::string_view dn) {
  const auto found = std::find_if(parties.begin(), parties.end(), [&](const Party& p) {
    return p.dn == dn && (p.state == PartyState::alerting || p.state == PartyState::ringing);
  });
  return found == parties.end() ? nullptr : &*found;
}

Party* Call::party_of(sip::SessionId leg) {
  const auto found =
      std::find_if(parties.begin(), parties.end(), [&](const Party& p) { return leg && p.leg == leg; });
  return found == parties.end() ? nullptr : &*found;
}

bool Call::is_kept_seat(sip::SessionId leg) const {
  return std::any_of(parties.begin(), parties.end(), [&](const Party& p) { return p.seat == leg; });
}

Party* Call::other_party(std::string_view dn) {
  if (parties.size() != 2) return nullptr;
  return &parties[parties[0].dn == dn ? 1 : 0];
}

std::string Call::other_dn(std::string_view dn) const {
  if (parties.size() > 2) return {};
  for (const auto& party : parties)
    if (party.dn != dn) return party.dn;
  return parties.size() == 2 ? std::string(dn) : std::string();  // somebody who called himself
}

}  // namespace sidetone::lab
