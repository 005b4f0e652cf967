#include "sip/message/replaces.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

// callid *(SEMI param) with exactly one to-tag and one from-tag; "0" stands for a peer without tags (RFC 3891
// §6.1, RFC 3911 §7.1).
Complaint read_dialog_id(std::string_view value, std::string_view& call_id, std::string_view& to_tag,
                         std::string_view& from_tag, ParamList& params) {
  const auto semicolon = std::min(value.find(';'), value.size());
  call_id = trim(value.substr(0, semicolon));
  if (call_id.empty() || call_id.find_first_of(" \t,<>\"") != std::string_view::npos)
    return "does not begin with a Call-ID";
  if (const Complaint wrong =
          read_params(value.data() + semicolon, value.data() + value.size(), value.data(), params))
    return wrong;
  int to_tags = 0, from_tags = 0;
  auto cursor = params.cursor();
  while (const auto param = cursor.next()) {
    to_tags += iequals(param->first, "to-tag") ? 1 : 0;
    from_tags += iequals(param->first, "from-tag") ? 1 : 0;
  }
  to_tag = params.get("to-tag");
  from_tag = params.get("from-tag");
  if (to_tags != 1 || from_tags != 1 || to_tag.empty() || from_tag.empty())
    return "must have one to-tag and one from-tag";
  return nullptr;
}

}  // namespace

Expected<Replaces> Replaces::parse(std::string_view value) {
  Replaces replaces;
  ParamList params;
  if (const Complaint wrong =
          read_dialog_id(value, replaces.call_id, replaces.to_tag, replaces.from_tag, params))
    return fail(Layer::sip, Fault::syntax, fmt::format("Replaces {}", wrong));
  replaces.early_only = params.has("early-only");
  return replaces;
}

std::string Replaces::write() const {
  return fmt::format("{};to-tag={};from-tag={}{}", call_id, to_tag, from_tag,
                     early_only ? ";early-only" : "");
}

Expected<Join> Join::parse(std::string_view value) {
  Join join;
  ParamList params;
  if (const Complaint wrong = read_dialog_id(value, join.call_id, join.to_tag, join.from_tag, params))
    return fail(Layer::sip, Fault::syntax, fmt::format("Join {}", wrong));
  return join;
}

}  // namespace sidetone::sip
