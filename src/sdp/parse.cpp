#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/scan.h"
#include "base/text.h"
#include "sdp/session_description.h"

namespace sidetone::sdp {
namespace {

// The message that carries it is bounded likewise; real descriptions have 0.3 to 8 kB.
constexpr std::size_t text_length_max = 65536;
// BUNDLE conferences have some dozens; our own offers have one.
constexpr std::size_t media_max = 64;
constexpr std::size_t formats_max = 64;
constexpr std::size_t attributes_max = 256;
constexpr std::size_t bandwidths_max = 16;
constexpr std::size_t other_lines_max = 64;
constexpr std::size_t token_length_max = 1024;

struct Fields {
  std::string_view rest;

  // RFC 8866 §5 has one space between fields; more are harmless.
  std::string_view next() {
    const auto begin = std::min(rest.find_first_not_of(' '), rest.size());
    rest.remove_prefix(begin);
    const auto part = rest.substr(0, std::min(rest.find(' '), rest.size()));
    rest.remove_prefix(part.size());
    return part;
  }
  [[nodiscard]] bool at_end() const { return rest.find_first_not_of(' ') == std::string_view::npos; }
};

class Parser {
 public:
  Parser(std::string_view text, SessionDescription& out) : text_(text), at_(text.data()), out_(out) {}

  using Result = Expected<void>;
  Result run();

 private:
  bool next_line();
  Result line();
  Result version();
  Result origin();
  Result name();
  Result connection();
  Result bandwidth();
  Result attribute();
  Result media();
  Result other();
  Result formats(MediaDescription& media, Fields& fields);
  Result token(std::string_view part, std::string_view what) const;
  tl::unexpected<Error> wrong(std::string_view what, Fault fault = Fault::syntax) const;

  // The section that lines belong to: the session's or the last media's.
  template <typename Of>
  auto& section(Of of) {
    return media_ ? of(*media_) : of(out_);
  }

  std::string_view text_;
  const char* at_;          // the next line
  std::string_view line_;   // with its type letter
  std::string_view value_;  // behind "x="
  unsigned number_ = 0;
  bool has_bare_cr_ = false;
  bool versioned_ = false, originated_ = false, timed_ = false;
  bool default_time_ = false;  // a "t=0 0" has been left out so far
  SessionDescription& out_;
  MediaDescription* media_ = nullptr;
};

// A line of keys is shown up to where they begin: a=crypto's "inline:" (RFC 4568 §9.1), all of k=.
std::string_view without_key(std::string_view line) {
  if (line.starts_with("k=") || line.starts_with("K=")) return line.substr(0, 2);
  return line.substr(0, line.find("inline:"));
}

// The name and the line are shown, with at most 60 characters and nothing that a terminal would obey.
tl::unexpected<Error> Parser::wrong(std::string_view what, Fault fault) const {
  std::string shown(without_key(line_).substr(0, 60));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '?';
  return fail(Layer::sdp, fault, fmt::format("SDP line {} '{}': {}", number_, shown, what));
}

// Blank lines, as at the end, say nothing. A CR without LF stays in the line: run() refuses it.
bool Parser::next_line() {
  const char* const end = text_.data() + text_.size();
  while (at_ != end) {
    const char* const begin = at_;
    const char* line_end = begin;
    has_bare_cr_ = false;
    while (true) {
      line_end = scan::skip_line(line_end, end, text_.data());
      if (line_end == end || *line_end == '\n') break;
      if (*line_end == '\r') {
        if (line_end + 1 == end || line_end[1] == '\n') break;
        has_bare_cr_ = true;
      }
      ++line_end;
    }
    line_ = {begin, static_cast<std::size_t>(line_end - begin)};
    at_ = line_end;
    if (at_ != end && *at_ == '\r') ++at_;
    if (at_ != end) ++at_;
    ++number_;
    if (!line_.empty()) return true;
  }
  return false;
}

Parser::Result Parser::token(std::string_view part, std::string_view what) const {
  if (part.empty()) return wrong(fmt::format("{} is missing", what));
  if (part.size() > token_length_max) return wrong(fmt::format("{} is too long", what), Fault::limit);
  return {};
}

Parser::Result Parser::version() {
  if (versioned_) return wrong("a second description in one text");  // RFC 3264 §5: exactly one
  if (trim(value_) != "0") return wrong("the version is not 0");
  versioned_ = true;
  return {};
}

Parser::Result Parser::origin() {
  if (originated_) return wrong("a second o= line");
  Fields fields{value_};
  const auto user = fields.next();
  const auto id = parse_number<std::uint64_t>(fields.next());
  const auto version = parse_number<std::uint64_t>(fields.next());
  const auto net = fields.next(), type = fields.next(), address = fields.next();
  if (!id) return wrong("the session id is not a number of 64 bits");
  if (!version) return wrong("the session version is not a number of 64 bits");
  if (net.empty() || type.empty()) return wrong("network or address type is missing");
  if (auto ok = token(user, "the user"); !ok) return ok;
  if (auto ok = token(address, "the address"); !ok) return ok;
  auto& origin = out_.origin;
  origin.user = user;
  origin.session_id = *id;
  origin.version = *version;
  origin.ipv6 = iequals(type, "IP6");
  origin.address = address;
  originated_ = true;
  return {};
}

Parser::Result Parser::name() {
  if (media_) return wrong("s= belongs to the session");
  if (!value_.empty()) out_.name = value_;
  return {};
}

Parser::Result Parser::connection() {
  Fields fields{value_};
  const auto net = fields.next(), type = fields.next(), address = fields.next();
  if (!iequals(net, "IN")) return wrong("the network type is not IN", Fault::unsupported);
  const bool ipv6 = iequals(type, "IP6");
  if (!ipv6 && !iequals(type, "IP4")) return wrong("the address type is neither IP4 nor IP6");
  if (auto ok = token(address, "the address"); !ok) return ok;
  if (!fields.at_end()) return wrong("too many fields");
  auto& present = section([](auto& s) -> auto& { return s.connection; });
  if (present) return media_ ? other() : wrong("a second c= line");
  present.emplace(Connection{ipv6, std::string(address)});
  return {};
}

Parser::Result Parser::bandwidth() {
  auto value = value_;
  const auto type = take_until(value, ':');
  if (auto ok = token(type, "the bandwidth's type"); !ok) return ok;
  const auto number = parse_number<std::uint32_t>(trim(value));
  if (!number) return wrong("the bandwidth is not a number of 32 bits");
  auto& bandwidths = section([](auto& s) -> auto& { return s.bandwidths; });
  if (bandwidths.size() >= bandwidths_max) return wrong("too many b= lines", Fault::limit);
  bandwidths.push_back({std::string(type), *number});
  return {};
}

std::optional<Direction> direction_named(std::string_view name) {
  if (name.size() != 8) return std::nullopt;  // all four have eight letters
  for (const auto direction :
       {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive})
    if (iequals(name, to_string(direction))) return direction;
  return std::nullopt;
}

Parser::Result Parser::attribute() {
  auto value = value_;
  const auto attribute_name = take_until(value, ':');
  if (auto ok = token(attribute_name, "the attribute's name"); !ok) return ok;
  if (const auto said = direction_named(trim(attribute_name))) {
    // Where a section contradicts itself the narrower reading is the safe one for a microphone.
    auto& direction = section([](auto& s) -> auto& { return s.direction; });
    direction = direction ? intersect(*direction, *said) : *said;
    return {};
  }
  auto& attributes = section([](auto& s) -> auto& { return s.attributes; });
  if (attributes.size() >= attributes_max) return wrong("too many attributes", Fault::limit);
  // One allocation for the usual few attributes; the text bounds how many can come at all.
  const auto rest = text_.size() - static_cast<std::size_t>(at_ - text_.data());
  if (attributes.empty()) attributes.reserve(std::clamp<std::size_t>(rest / 24 + 1, 2, 16));
  auto& added = attributes.emplace_back();
  added.name = attribute_name;
  added.value = value;
  return {};
}

Parser::Result Parser::formats(MediaDescription& media, Fields& fields) {
  const auto spaces = std::count(fields.rest.begin(), fields.rest.end(), ' ');
  media.formats.reserve(std::min<std::size_t>(static_cast<std::size_t>(spaces), formats_max));
  for (auto format = fields.next(); !format.empty(); format = fields.next()) {
    if (auto ok = token(format, "a format"); !ok) return ok;
    if (media.formats.size() >= formats_max) return wrong("too many formats", Fault::limit);
    media.formats.emplace_back(format);
  }
  if (media.formats.empty()) return wrong("no format");
  return {};
}

Parser::Result Parser::media() {
  if (out_.media.size() >= media_max) return wrong("too many m= lines", Fault::limit);
  Fields fields{value_};
  const auto kind = fields.next();
  auto ports = fields.next();
  const auto protocol = fields.next();
  if (auto ok = token(kind, "the kind of media"); !ok) return ok;
  if (auto ok = token(protocol, "the protocol"); !ok) return ok;
  const bool counted = ports.find('/') != std::string_view::npos;
  const auto port = parse_number<std::uint16_t>(take_until(ports, '/'));
  if (!port) return wrong("the port is not a number from 0 to 65535");
  const auto count = counted ? parse_number<std::uint16_t>(ports) : std::uint16_t{1};
  if (!count || *count == 0) return wrong("the number of ports is not a number from 1 to 65535");
  auto& media = out_.media.emplace_back();
  media_ = &media;
  media.kind = kind;
  media.port = *port;
  media.port_count = *count;
  media.protocol = protocol;
  return formats(media, fields);
}

Parser::Result Parser::other() {
  auto& lines = section([](auto& s) -> auto& { return s.other_lines; });
  if (line_[0] == 't') {
    if (!timed_ && value_ == "0 0") {
      timed_ = default_time_ = true;
      return {};  // what write() assumes
    }
    if (default_time_) lines.push_back({'t', "0 0"});
    timed_ = true;
    default_time_ = false;
  }
  if (lines.size() >= other_lines_max) return wrong("too many lines", Fault::limit);
  lines.push_back({line_[0], std::string(value_)});
  return {};
}

Parser::Result Parser::line() {
  if (line_.size() < 2 || line_[1] != '=') return wrong("not of the form 'x=value'");
  value_ = line_.substr(2);
  if (!versioned_ && line_[0] != 'v') return wrong("the text does not begin with v=");
  switch (line_[0]) {
    case 'v': return version();
    case 'o': return origin();
    case 's': return name();
    case 'c': return connection();
    case 'b': return bandwidth();
    case 'a': return attribute();
    case 'm': return media();
    case 't':
    case 'r':
    case 'z':
    case 'u':
    case 'e':
    case 'p':
      if (media_) return {};  // a session's line behind a media's: harmless, and has no place to be written
      return other();
    case 'i':
    case 'k': return other();
    default: return {};  // RFC 8866 §5 lets a parser ignore what it does not know
  }
}

Parser::Result Parser::run() {
  if (text_.size() > text_length_max)
    return fail(Layer::sdp, Fault::limit, fmt::format("the SDP has {} bytes", text_.size()));
  // RFC 8866 §9, byte-string: neither NUL nor a bare CR.
  if (text_.find('\0') != std::string_view::npos)
    return fail(Layer::sdp, Fault::syntax, "the SDP contains a NUL byte");
  while (next_line()) {
    if (has_bare_cr_) return wrong("a CR inside");
    if (auto ok = line(); !ok) return ok;
  }
  if (!versioned_) return fail(Layer::sdp, Fault::syntax, "the SDP is empty");
  if (!originated_) return fail(Layer::sdp, Fault::syntax, "the SDP has no o= line");
  return {};
}

}  // namespace

Expected<SessionDescription> SessionDescription::parse(std::string_view text) {
  Expected<SessionDescription> description;
  if (auto read = Parser(text, *description).run(); !read)
    description = tl::make_unexpected(std::move(read.error()));
  return description;
}

}  // namespace sidetone::sdp
