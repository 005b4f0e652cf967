// ";name=value" lists, of headers (RFC 3261 §25.1 generic-param) and of URIs (§25.1 uri-parameters).
#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

struct Param {
  std::string_view name;
  std::string_view value;
};

// Takes the next parameter from a list that read_params() or read_uri() let pass.
bool next_param(const char*& at, const char* end, Param& param) {
  at = chars::skip_lws(at, end);
  if (at == end || *at != ';') return false;
  at = chars::skip_lws(at + 1, end);
  const char* name = at;
  while (at != end && *at != ';' && *at != '=' && !chars::is(*at, chars::lws)) ++at;
  param.name = chars::between(name, at);
  param.value = {};
  at = chars::skip_lws(at, end);
  if (at == end || *at != '=') return true;
  at = chars::skip_lws(at + 1, end);
  if (at != end && *at == '"') {
    const char* close = chars::find_closing_quote(at + 1, end);
    if (close == nullptr) close = end;  // cannot be in a checked list
    param.value = chars::between(at + 1, close);
    at = close == end ? end : close + 1;
  } else {
    const char* value = at;
    while (at != end && *at != ';' && !chars::is(*at, chars::lws)) ++at;
    param.value = chars::between(value, at);
  }
  return true;
}

}  // namespace

bool ParamList::find(std::string_view name, std::string_view& value) const {
  const char* at = text_.data();
  const char* end = at + text_.size();
  Param param;
  while (next_param(at, end, param)) {
    const bool same =
        iequals(param.name, name) ||
        (in_uri_ && param.name.find('%') != std::string_view::npos && iequals(unescape(param.name), name));
    if (!same) continue;
    value = param.value;
    return true;
  }
  return false;
}

bool ParamList::has(std::string_view name) const {
  std::string_view value;
  return find(name, value);
}

std::string_view ParamList::get(std::string_view name) const {
  std::string_view value;
  find(name, value);
  return value;
}

std::optional<std::pair<std::string_view, std::string_view>> ParamList::Cursor::next() {
  Param param;
  const char* at = rest_.data();
  const char* end = at + rest_.size();
  if (!next_param(at, end, param)) return std::nullopt;
  rest_ = chars::between(at, end);
  return std::pair(param.name, param.value);
}

// `params` gets what was sound, also when something is wrong further on.
Complaint read_params(const char* at, const char* end, const char* begin, ParamList& params) {
  at = chars::skip_lws(at, end);
  const char* params_begin = at;
  const char* sound_end = at;
  Complaint wrong = nullptr;
  while (at != end) {
    if (*at != ';') {
      wrong = "holds something that is neither value nor parameter";
      break;
    }
    at = chars::skip_lws(at + 1, end);
    const char* name = at;
    at = chars::skip_word(at, end, begin, chars::token);
    if (at == name) {
      wrong = "has a parameter without name";
      break;
    }
    const char* param_end = at;
    at = chars::skip_lws(at, end);
    if (at != end && *at == '=') {
      at = chars::skip_lws(at + 1, end);
      if (at != end && *at == '"') {
        at = chars::find_closing_quote(at + 1, end);
        if (at == nullptr) {
          wrong = "has a parameter with an unterminated quoted string";
          break;
        }
        ++at;
      } else {
        at = chars::skip_word(at, end, begin, chars::param_value);
      }
      param_end = at;
      at = chars::skip_lws(at, end);
    }
    sound_end = param_end;
  }
  params = ParamList(chars::between(params_begin, sound_end));
  return wrong;
}

}  // namespace sidetone::sip
