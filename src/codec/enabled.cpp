// The grammar of codecs.enabled.audio:
//
//   enabled = item *( "," item )
//   item    = name [ "/" rate [ "/" channels ] ] [ "=" "(" param *( "," param ) ")" ]
//   param   = key "=" ( token / DQUOTE *char DQUOTE )
//   key     = "pt" / "payload_type" / "fmtp"    ; or the beginning of one of the long words
//
// Blanks are allowed around every part, letters may have any case.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "codec/audio_format.h"

namespace sidetone::codec {
namespace {

// A person writes this line: the bounds only keep nonsense from costing memory.
constexpr std::size_t text_length_max = 4096;
constexpr std::size_t fmtp_length_max = 256;
// RFC 3551 §6: the numbers that are free for dynamic use.
constexpr int dynamic_first = 96, dynamic_last = 127;

constexpr std::string_view accepted_names =
    "opus, PCMU, PCMA, G722, G729, iLBC, iSAC/16000, iSAC/32000, telephone-event";

struct Item {
  AudioFormat format;
  std::string_view text;     // for messages
  bool number_said = false;  // and not only our default
};

tl::unexpected<Error> wrong(Fault fault, std::string_view item, std::string_view what,
                            std::string remedy = {}) {
  return fail(Layer::config, fault, fmt::format("audio codec '{}': {}", item.substr(0, 80), what),
              std::move(remedy));
}

// Cuts `text` at the next comma that is neither inside parentheses nor inside double quotes.
struct Cut {
  std::string_view item;
  bool more = false;  // a comma followed
};
Cut take_item(std::string_view& text) {
  bool quoted = false;
  int depth = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == ',' && depth <= 0) break;
  }
  const Cut cut{trim(text.substr(0, at)), at < text.size()};
  text.remove_prefix(std::min(at + 1, text.size()));
  return cut;
}

bool matches(const CatalogueEntry& entry, std::optional<int> rate, std::optional<int> channels) {
  // G722's rate is 16000 in the configuration and 8000 in SDP: people write both.
  if (rate && *rate != entry.rtp_clock_hz && *rate != entry.sample_rate_hz) return false;
  return !channels || *channels == entry.rtpmap_channels;
}

Expected<const CatalogueEntry*> find_codec(std::string_view item, std::string_view name) {
  const auto base = trim(take_until(name, '/'));
  std::optional<int> rate, channels;
  if (!name.empty()) {
    const auto number = parse_number<unsigned>(trim(take_until(name, '/')));
    if (!number || *number > 192000) return wrong(Fault::syntax, item, "the clock rate is not a number");
    rate = static_cast<int>(*number);
  }
  if (!name.empty()) {
    const auto number = parse_number<unsigned>(trim(name));
    if (!number || *number > 8) return wrong(Fault::syntax, item, "the channels are not a number");
    channels = static_cast<int>(*number);
  }
  const CatalogueEntry* found = nullptr;
  bool known = false;
  for (int i = 0; i <= static_cast<int>(AudioCodec::telephone_event); ++i) {
    const auto& entry = catalogue(static_cast<AudioCodec>(i));
    if (!iequals(entry.name, base)) continue;
    known = true;
    if (!matches(entry, rate, channels)) continue;
    if (found) return wrong(Fault::syntax, item, "the clock rate must be given", "iSAC/16000 or iSAC/32000");
    found = &entry;
  }
  if (!known) return wrong(Fault::range, item, "unknown codec", fmt::format("accepted: {}", accepted_names));
  if (!found)
    return wrong(Fault::range, item, "the codec has no such clock rate or channels",
                 fmt::format("accepted: {}", accepted_names));
  return found;
}

Expected<std::uint8_t> payload_type(std::string_view item, const CatalogueEntry& entry,
                                    std::string_view value) {
  const auto number = parse_number<unsigned>(value);
  const bool dynamic = number && *number >= dynamic_first && *number <= dynamic_last;
  const bool own = number && entry.static_payload_type == static_cast<int>(*number);
  if (dynamic || own) return static_cast<std::uint8_t>(*number);
  auto accepted = fmt::format("accepted: {} to {}", dynamic_first, dynamic_last);
  if (entry.static_payload_type >= 0) accepted += fmt::format(", or {}", entry.static_payload_type);
  return wrong(Fault::range, item, fmt::format("payload type '{}'", value.substr(0, 20)), accepted);
}

bool begins(std::string_view word, std::string_view key) {
  return !key.empty() && key.size() <= word.size() && iequals(word.substr(0, key.size()), key);
}

Expected<std::string_view> unquoted(std::string_view item, std::string_view value) {
  if (value.empty()) return wrong(Fault::syntax, item, "a parameter has no value");
  if (value.front() != '"') {
    if (value.find('"') != std::string_view::npos) return wrong(Fault::syntax, item, "a stray double quote");
    return value;
  }
  if (value.size() < 2 || value.find('"', 1) != value.size() - 1)
    return wrong(Fault::syntax, item, "the double quotes do not match");
  return value.substr(1, value.size() - 2);
}

Expected<void> set_parameter(Item& item, std::string_view param) {
  auto value_text = param;
  const auto key = trim(take_until(value_text, '='));
  const auto value = unquoted(item.text, trim(value_text));
  if (!value) return tl::make_unexpected(value.error());
  if (iequals(key, "pt") || begins("payload_type", key)) {
    const auto number = payload_type(item.text, catalogue(item.format.codec), *value);
    if (!number) return tl::make_unexpected(number.error());
    item.format.payload_type = *number;
    item.number_said = true;
    return {};
  }
  if (begins("fmtp", key)) {
    const bool printable =
        std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable || value->size() > fmtp_length_max)
      return wrong(Fault::range, item.text, "fmtp has unprintable or too many characters");
    item.format.fmtp = *value;
    return {};
  }
  return wrong(Fault::range, item.text, fmt::format("unknown parameter '{}'", key.substr(0, 40)),
               "accepted: payload_type (pt), fmtp");
}

Expected<void> set_parameters(Item& item, std::string_view params) {
  params = trim(params);
  if (params.size() < 2 || params.front() != '(' || params.back() != ')')
    return wrong(Fault::syntax, item.text, "parameters stand in parentheses after '='", "e.g. opus=(pt=120)");
  params = trim(params.substr(1, params.size() - 2));
  for (bool more = true; more;) {
    const auto cut = take_item(params);
    if (auto set = set_parameter(item, cut.item); !set) return set;
    more = cut.more;
  }
  return {};
}

Expected<Item> parse_item(std::string_view text) {
  if (text.empty()) return wrong(Fault::syntax, text, "an item between commas is empty");
  auto params = text;
  const auto name = trim(take_until(params, '='));
  const auto entry = find_codec(text, name);
  if (!entry) return tl::make_unexpected(entry.error());
  Item item{{(*entry)->codec, static_cast<std::uint8_t>((*entry)->default_payload_type),
             std::string((*entry)->default_fmtp)},
            text};
  if (name.size() == text.size()) return item;
  if (auto set = set_parameters(item, params); !set) return tl::make_unexpected(set.error());
  return item;
}

Expected<void> check_pair(const Item& a, const Item& b) {
  if (a.format.codec == b.format.codec)
    return wrong(Fault::range, b.text, fmt::format("the codec is listed before as '{}'", a.text));
  if (a.number_said && b.number_said && a.format.payload_type == b.format.payload_type)
    return wrong(Fault::range, b.text,
                 fmt::format("payload type {} is that of '{}'", b.format.payload_type, a.text));
  return {};
}

// A number that was only our default gives way to one that somebody asked for.
void settle_numbers(std::vector<Item>& items) {
  std::array<bool, 128> taken{};
  for (const auto& item : items)
    if (item.number_said) taken[item.format.payload_type] = true;
  for (auto& item : items) {
    if (item.number_said) continue;
    for (int free = dynamic_first; taken[item.format.payload_type] && free <= dynamic_last; ++free)
      item.format.payload_type = static_cast<std::uint8_t>(free);
    taken[item.format.payload_type] = true;
  }
}

}  // namespace

Expected<std::vector<AudioFormat>> parse_enabled(std::string_view text) {
  if (text.size() > text_length_max) return wrong(Fault::limit, text, "the list is too long");
  text = trim(text);
  if (text.empty()) return default_enabled();
  std::vector<Item> items;
  for (bool more = true; more;) {
    const auto cut = take_item(text);
    more = cut.more;
    auto item = parse_item(cut.item);
    if (!item) return tl::make_unexpected(item.error());
    for (const auto& other : items)
      if (auto ok = check_pair(other, *item); !ok) return tl::make_unexpected(ok.error());
    items.push_back(std::move(*item));
  }
  settle_numbers(items);
  std::vector<AudioFormat> formats;
  formats.reserve(items.size());
  for (auto& item : items) formats.push_back(std::move(item.format));
  return formats;
}

}  // namespace sidetone::codec
