// What a SIP server orders a phone to do by NOTIFY within a call: the agent's desktop has a button, and the
// server presses the phone's (event packages talk and hold of many phones; dtmf and beep beside them). Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "endpoint/dtmf_sending.h"

namespace sidetone::endpoint {

class Call;

enum class ServerOrder : std::uint8_t { talk, hold, dtmf, beep };

// In the order of ServerOrder. They come without any subscription (RFC 6665 knows no such thing), in the
// dialog of the call that they mean.
inline constexpr std::array<std::string_view, 4> server_packages{"talk", "hold", "dtmf", "beep"};

// None: another package.
[[nodiscard]] std::optional<ServerOrder> server_order_of(std::string_view package);

// The answer to the NOTIFY: 200 and it is obeyed, or why it cannot be, and then nothing changes.
//   481  the call is over (RFC 3261 §12.2.2)
//   491  it has not been answered yet: its INVITE is pending (§21.4.27). Only talk answers one that rings
//   480  digits cannot be sent now: the call is held
[[nodiscard]] int answer_to(ServerOrder order, const Call* call);

// Digits of a dtmf order, those of one length together.
struct DigitRun {
  std::string digits;
  DtmfTiming timing;
};
// Nobody has written down what the body looks like: all forms that INFO requests have are taken, and those
// also as text/plain or without a type. None: nothing that can be read.
[[nodiscard]] std::vector<DigitRun> server_digits(std::string_view type, std::string_view body);

}  // namespace sidetone::endpoint
