#include "labserver/flows/merging.h"

namespace sidetone::lab {

void move_party(FlowRun& f, Call& from, const std::string& dn, Call& to) {
  Party* leaving = from.party(dn);
  if (!leaving) return;
  const Party party = *leaving;
  auto& board = f.desk().board;
  board.remove_party(from, *leaving);
  if (Leg* leg = f.leg(party.leg)) board.move_leg(*leg, to);
  board.add_party(to, party);
}

}  // namespace sidetone::lab
