#include "sip/message/alerting.h"

#include "base/text.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

// Bound: a caller that waits longer has long hung up; and no sum of times can overflow.
constexpr std::uint32_t answer_after_max_s = 3600;

std::optional<std::chrono::seconds> answer_after_in(const ParamList& params) {
  const auto value = parse_number<std::uint32_t>(params.get("answer-after"));
  if (!value || *value > answer_after_max_s) return std::nullopt;
  return std::chrono::seconds(*value);
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && iequals(text.substr(text.size() - end.size()), end);
}

// "<uri>;params", where the URI may be of any scheme, and even none ("<x@host>"): nobody goes there.
std::optional<AlertInfo> read(std::string_view value) {
  value = trim(value);
  if (value.empty() || value.front() != '<') return std::nullopt;
  const auto close = value.find('>');
  if (close == std::string_view::npos) return std::nullopt;
  AlertInfo info;
  info.uri = trim(value.substr(1, close - 1));
  const char* params = value.data() + close + 1;
  if (read_params(params, value.data() + value.size(), value.data(), info.params)) return std::nullopt;
  return info;
}

}  // namespace

std::vector<AlertInfo> alert_infos_of(const Message& message) {
  std::vector<AlertInfo> infos;
  for (const auto value : message.values(HeaderId::alert_info)) {
    if (infos.size() == info_headers_max) break;
    if (const auto info = read(value)) infos.push_back(*info);
  }
  return infos;
}

std::vector<CallInfo> call_infos_of(const Message& message) {
  std::vector<CallInfo> infos;
  for (const auto value : message.values(HeaderId::call_info)) {
    if (infos.size() == info_headers_max) break;
    if (const auto info = read(value))
      infos.push_back({info->uri, info->params.get("purpose"), answer_after_in(info->params)});
  }
  return infos;
}

std::optional<std::chrono::seconds> answer_after(const Message& invite) {
  for (const auto& info : call_infos_of(invite))
    if (info.answer_after) return info.answer_after;
  for (const auto& info : alert_infos_of(invite))
    if (const auto after = answer_after_in(info.params)) return after;
  return std::nullopt;
}

bool asks_for_silence(const Message& invite) {
  for (const auto& info : alert_infos_of(invite))
    if (iequals(info.params.get("service"), "3pcc") || iequals(info.uri, "file://null") ||
        ends_with(info.uri, "@genesys"))
      return true;
  return false;
}

}  // namespace sidetone::sip
