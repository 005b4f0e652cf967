// message/sipfrag (RFC 3420) as notifications of a REFER carry it: the status line of what the REFER caused
// (RFC 3515 §2.4.5). What follows it is not read: nothing that we decide depends on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidetone::sip {

struct StatusFragment {
  int status = 0;
  std::string reason;
};

inline constexpr std::string_view sipfrag_type = "message/sipfrag;version=2.0";

// Nothing when the body does not begin with a status line.
[[nodiscard]] std::optional<StatusFragment> read_sipfrag(std::string_view body);
// "SIP/2.0 180 Ringing" CRLF; an empty reason stands for the usual phrase.
[[nodiscard]] std::string write_sipfrag(int status, std::string_view reason);

}  // namespace sidetone::sip
