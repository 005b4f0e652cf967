#include "endpoint/server_order.h"

#include <algorithm>

#include "base/text.h"
#include "endpoint/call.h"
#include "endpoint/info_digit.h"

namespace sidetone::endpoint {
namespace {

constexpr int obeyed = 200, no_such_call = 481, not_answered_yet = 491, not_now = 480;

// What gateways take: shorter ones are not recognized, longer ones stop the call's sound for too long.
constexpr std::chrono::milliseconds tone_min{100}, tone_max{5000}, gap{100};

}  // namespace

std::optional<ServerOrder> server_order_of(std::string_view package) {
  for (std::size_t i = 0; i < server_packages.size(); ++i)
    if (iequals(server_packages[i], package)) return static_cast<ServerOrder>(i);
  return std::nullopt;
}

int answer_to(ServerOrder order, const Call* call) {
  if (call == nullptr || call->state() == CallState::ended) return no_such_call;
  if (order == ServerOrder::talk && call->is_ringing()) return obeyed;
  const bool early_media = order == ServerOrder::dtmf && call->state() == CallState::early;
  if (!call->is_answered() && !early_media) return not_answered_yet;
  if (order != ServerOrder::dtmf) return obeyed;
  if (call->state() == CallState::connecting) return not_answered_yet;  // without the ACK
  return call->can_send_digits() ? obeyed : not_now;
}

std::vector<DigitRun> server_digits(std::string_view type, std::string_view body) {
  auto digits = digits_of_info(type, body);
  if (digits.empty() && (type.empty() || iequals(type, "text/plain"))) {
    digits = digits_of_info("application/dtmf-relay", body);
    if (digits.empty()) digits = digits_of_info("application/dtmf", body);
  }
  std::vector<DigitRun> runs;
  for (const auto& digit : digits) {
    const DtmfTiming timing{std::clamp(digit.duration, tone_min, tone_max), gap};
    if (runs.empty() || runs.back().timing != timing) runs.push_back({{}, timing});
    runs.back().digits += digit.digit;
  }
  return runs;
}

}  // namespace sidetone::endpoint
