// A ladder: the SIP messages of a test or a demo drawn as text, to be read without a tool.
//
//              softphone                 server
//     0.000  a |--- INVITE 1 (sdp) -------->|
//     0.001  a |<-- 100 Trying (1 INVITE) --|
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "base/address.h"
#include "base/log.h"

namespace sidetone::lab {

using ParticipantNames = std::map<Address, std::string>;

struct LadderStyle {
  std::size_t width_max = 100;  // columns; participants that do not fit side by side make it a list
};

// Records in any order; they are drawn by time. A message that both its sender and its receiver recorded is
// drawn once; the same bytes sent again are marked "again". Times are seconds since the first record. Calls
// are told apart by a letter for each Call-ID when there is more than one. No header value but CSeq and
// Event is shown: credentials cannot get into a ladder.
[[nodiscard]] std::string draw_ladder(std::span<const SipRecord> records, const ParticipantNames& names = {},
                                      LadderStyle style = {});

}  // namespace sidetone::lab
