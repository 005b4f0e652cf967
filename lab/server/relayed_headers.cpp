#include "labserver/relayed_headers.h"

#include <algorithm>
#include <initializer_list>

#include "base/text.h"

namespace sidetone::lab {

namespace {

using sip::HeaderId;

bool is_extension(const sip::HeaderField& field) {
  return field.id == HeaderId::other && field.name.size() > 2 && iequals(field.name.substr(0, 2), "X-");
}

std::vector<sip::ExtraHeader> pick(const sip::Message& message, std::initializer_list<HeaderId> wanted) {
  std::vector<sip::ExtraHeader> picked;
  for (const auto& field : message.fields())
    if (is_extension(field) || std::find(wanted.begin(), wanted.end(), field.id) != wanted.end())
      picked.push_back({std::string(field.name), std::string(field.value)});
  return picked;
}

}  // namespace

std::vector<sip::ExtraHeader> relayed_from_invite(const sip::Message& invite) {
  return pick(invite, {HeaderId::alert_info, HeaderId::call_info, HeaderId::subject, HeaderId::priority,
                       HeaderId::user_to_user, HeaderId::p_asserted_identity, HeaderId::privacy,
                       HeaderId::diversion, HeaderId::history_info, HeaderId::referred_by});
}

std::vector<sip::ExtraHeader> relayed_from_request(const sip::Message& request) {
  return pick(request, {HeaderId::event, HeaderId::subscription_state, HeaderId::refer_to,
                        HeaderId::referred_by, HeaderId::refer_sub, HeaderId::info_package,
                        HeaderId::content_disposition, HeaderId::user_to_user, HeaderId::reason});
}

std::vector<sip::ExtraHeader> relayed_from_response(const sip::Message& response) {
  return pick(response, {HeaderId::reason, HeaderId::retry_after, HeaderId::warning, HeaderId::error_info,
                         HeaderId::user_to_user, HeaderId::refer_sub, HeaderId::recv_info});
}

std::vector<sip::ExtraHeader> reasons_of(const sip::MessagePtr& message) {
  return message ? pick(*message, {HeaderId::reason}) : std::vector<sip::ExtraHeader>{};
}

std::string plain_display(std::string_view display) {
  std::string plain;
  plain.reserve(display.size());
  for (std::size_t i = 0; i < display.size(); ++i) {
    if (display[i] == '\\' && i + 1 < display.size()) ++i;
    plain += display[i];
  }
  return plain;
}

}  // namespace sidetone::lab
