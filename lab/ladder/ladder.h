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
#include <vector>

#include "base/address.h"
#include "base/log.h"

namespace sidetone::lab {

using ParticipantNames = std::map<Address, std::string>;

struct LadderStyle {
  std::size_t width_max = 100;     // columns; participants that do not fit side by side make it a list
  std::vector<std::string> lanes;  // participants from left to right; others follow as they appear
};

// Something beside the messages, in a column of its own: what a T-Library client asked, and was told.
struct LadderNote {
  Time time;
  std::string text;
  std::size_t records_before = 0;  // which of the records of the same moment came before it
};

// Records in any order; they are drawn by time. A message that both its sender and its receiver recorded is
// drawn once; the same bytes sent again are marked "again". Times are seconds since the first record. Calls
// are told apart by a letter for each Call-ID when there is more than one. No header value but CSeq and
// Event is shown: credentials cannot get into a ladder.
[[nodiscard]] std::string draw_ladder(std::span<const SipRecord> records, const ParticipantNames& names = {},
                                      LadderStyle style = {}, std::span<const LadderNote> notes = {});
[[nodiscard]] std::string draw_ladder_svg(std::span<const SipRecord> records,
                                          const ParticipantNames& names = {}, LadderStyle style = {},
                                          std::span<const LadderNote> notes = {});

}  // namespace sidetone::lab
