#include "agents/script.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace sidetone::lab {
namespace {

constexpr std::size_t steps_max = 100;  // a call that long is not a script but a program
constexpr double seconds_max = 86400;

tl::unexpected<Error> wrong(std::size_t number, std::string_view step, std::string_view why) {
  return fail(Layer::lab, Fault::syntax, fmt::format("step {} of the script, '{}': {}", number, step, why),
              "write for example: ring 2; talk 10; hold 3; talk 5; hangup");
}

std::optional<std::chrono::milliseconds> seconds(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= seconds_max))
    return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
}

}  // namespace

Expected<AgentScript> parse_script(std::string_view text) {
  AgentScript script;
  bool ended = false;
  for (std::size_t number = 1; !trim(text).empty(); ++number) {
    const auto step = trim(take_until(text, ';'));
    if (step.empty()) continue;
    auto rest = step;
    const auto word = take_until(rest, ' ');
    const auto value = trim(rest);
    if (ended) return wrong(number, step, "nothing comes after the end of the call");
    if (number > steps_max) return wrong(number, step, "there are more than 100 steps");
    if (word == "hangup" || word == "customer-hangup") {
      if (!value.empty()) return wrong(number, step, "it has no value");
      script.customer_hangs_up = word == "customer-hangup";
      ended = true;
    } else if (word == "dtmf") {
      if (value.empty() || value.size() > 40 || value.find_first_not_of("0123456789*#ABCD") != value.npos)
        return wrong(number, step, "it wants 1 to 40 digits of 0-9 * # A-D");
      script.steps.push_back({AgentStep::Kind::dtmf, {}, std::string(value)});
    } else if (word == "ring" || word == "talk" || word == "hold") {
      const auto span = seconds(value);
      if (!span) return wrong(number, step, "it wants seconds, 0 to 86400");
      if (word != "ring")
        script.steps.push_back({word == "talk" ? AgentStep::Kind::talk : AgentStep::Kind::hold, *span, {}});
      else if (!script.steps.empty())
        return wrong(number, step, "ring comes first");
      else
        script.ring = *span;
    } else {
      return wrong(number, step, "there are ring, talk, hold, dtmf, hangup and customer-hangup");
    }
  }
  return script;
}

std::chrono::milliseconds length_of(const AgentScript& script) {
  std::chrono::milliseconds sum{0};
  for (const auto& step : script.steps) sum += step.span;
  return sum;
}

}  // namespace sidetone::lab
