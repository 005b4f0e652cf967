#include "config/headset_pair.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"

namespace sidetone::config {
namespace {

tl::unexpected<Error> no_pair(std::string_view text, std::string_view why) {
  constexpr std::size_t shown_max = 60;
  return fail(Layer::config, Fault::syntax, fmt::format("'{}' {}", text.substr(0, shown_max), why),
              "write microphone:speaker, and quotes around a name with a colon, comma or quote");
}

// A name from the front of `text`, quotes taken off; nothing when a quote is not closed.
std::optional<std::string> take_name(std::string_view& text) {
  text = trim(text);
  if (text.empty() || (text.front() != '"' && text.front() != '\''))
    return std::string(trim(text.substr(0, text.find(':'))));
  const auto close = text.find(text.front(), 1);
  if (close == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(1, close - 1));
}

void skip(std::string_view& text, const std::string& name) {
  const bool quoted = !text.empty() && (text.front() == '"' || text.front() == '\'');
  text = trim(text.substr(name.size() + (quoted ? 2 : 0)));
}

}  // namespace

Expected<HeadsetPair> parse_headset_pair(std::string_view text) {
  const auto whole = text;
  auto microphone = take_name(text);
  if (!microphone) return no_pair(whole, "has a quote that is not closed");
  skip(text, *microphone);
  if (!text.starts_with(':')) return no_pair(whole, "is no pair");
  text = trim(text.substr(1));
  auto speaker = take_name(text);
  if (!speaker) return no_pair(whole, "has a quote that is not closed");
  skip(text, *speaker);
  if (!text.empty()) return no_pair(whole, "is more than a pair");
  if (microphone->empty() || speaker->empty()) return no_pair(whole, "names only one device");
  return HeadsetPair{std::move(*microphone), std::move(*speaker)};
}

}  // namespace sidetone::config
