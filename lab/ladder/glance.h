// What a ladder shows of one SIP message, found by looking at its lines only: malformed messages are drawn,
// too, and a parser would refuse them.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::lab {

struct Glance {
  std::string title;    // "INVITE", "180 Ringing", "NOTIFY talk", "keep-alive", "not SIP"
  std::string cseq;     // "1" for requests, "1 INVITE" for responses; empty: none
  std::string call_id;  // empty: none
  bool sdp = false;     // carries a session description
};

// Reads at most the first 16 kB, and shows no byte outside printable ASCII.
[[nodiscard]] Glance glance(std::string_view bytes);

}  // namespace sidetone::lab
