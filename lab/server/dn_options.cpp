#include "labserver/dn_options.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace sidetone::lab {
namespace {

constexpr std::size_t value_size_max = 256;  // far beyond any Alert-Info

tl::unexpected<Error> wrong(std::string_view name, std::string_view value, std::string_view takes) {
  return fail(Layer::lab, Fault::range, fmt::format("DN option {}: '{}' is no value of it", name, value),
              fmt::format("it takes {}", takes));
}

Expected<bool> truth(std::string_view name, std::string_view value) {
  for (const auto* yes : {"true", "yes", "1"})
    if (iequals(value, yes)) return true;
  for (const auto* no : {"false", "no", "0"})
    if (iequals(value, no)) return false;
  return wrong(name, value, "true or false");
}

template <bool DnOptions::* member>
Expected<void> set_truth(DnOptions& options, std::string_view name, std::string_view value) {
  const auto read = truth(name, value);
  if (!read) return tl::make_unexpected(read.error());
  options.*member = *read;
  return {};
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

Expected<void> set_cti_control(DnOptions& options, std::string_view name, std::string_view value) {
  CtiControl wanted{false, false, false, false};
  for (std::string_view rest = value; !rest.empty();) {
    const auto comma = rest.find(',');
    const auto word = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (iequals(word, "talk"))
      wanted.talk = true;
    else if (iequals(word, "hold"))
      wanted.hold = true;
    else if (iequals(word, "dtmf"))
      wanted.dtmf = true;
    else if (iequals(word, "beep"))
      wanted.beep = true;
    else
      return wrong(name, value, "a list of talk, hold, dtmf, beep, or nothing");
  }
  options.sip_cti_control = wanted;
  return {};
}

Expected<void> set_make_call_flow(DnOptions& options, std::string_view name, std::string_view value) {
  if (value != "1" && value != "2") return wrong(name, value, "1 or 2");
  options.make_call_rfc3725_flow = value == "1" ? 1 : 2;
  return {};
}

// It becomes a header field: no line may end in it (RFC 3261 §25.1).
Expected<void> set_alert_info(DnOptions& options, std::string_view name, std::string_view value) {
  const bool printable = value.find_first_of("\r\n\0") == std::string_view::npos;
  if (!printable || value.size() > value_size_max)
    return wrong(name, value, "one line of at most 256 characters");
  options.make_call_alert_info = value;
  return {};
}

struct Option {
  std::string_view name;
  Expected<void> (*set)(DnOptions&, std::string_view, std::string_view);
};

constexpr std::array options_known = {
    Option{"sip-cti-control", set_cti_control},
    Option{"dual-dialog-enabled", set_truth<&DnOptions::dual_dialog_enabled>},
    Option{"make-call-rfc3725-flow", set_make_call_flow},
    Option{"refer-enabled", set_truth<&DnOptions::refer_enabled>},
    Option{"ring-tone-on-make-call", set_truth<&DnOptions::ring_tone_on_make_call>},
    Option{"make-call-alert-info", set_alert_info},
    Option{"use-register-for-service-state", set_truth<&DnOptions::use_register_for_service_state>},
    Option{"transfer-complete-by-refer", set_truth<&DnOptions::transfer_complete_by_refer>},
    Option{"reinvite-requires-hold", set_truth<&DnOptions::reinvite_requires_hold>},
};

}  // namespace

Expected<DnOptionText> parse_dn_option(std::string_view text) {
  const auto equals = text.find('=');
  const auto colon = text.substr(0, equals).find(':');
  if (equals == std::string_view::npos || colon == std::string_view::npos || colon + 1 == equals)
    return fail(Layer::lab, Fault::syntax, fmt::format("'{}' is no option of a DN", text),
                "write it as DN:name=value, such as 7001:refer-enabled=true");
  return DnOptionText{std::string(text.substr(0, colon)),
                      std::string(text.substr(colon + 1, equals - colon - 1)),
                      std::string(text.substr(equals + 1))};
}

Expected<void> set(DnOptions& options, std::string_view name, std::string_view value) {
  for (const auto& option : options_known)
    if (iequals(name, option.name)) return option.set(options, option.name, trimmed(value));
  return fail(Layer::lab, Fault::not_found, fmt::format("'{}' is no option of a DN", name),
              fmt::format("there are {}", fmt::join(dn_option_names(), ", ")));
}

std::vector<std::string_view> dn_option_names() {
  std::vector<std::string_view> names;
  for (const auto& option : options_known) names.push_back(option.name);
  return names;
}

}  // namespace sidetone::lab
