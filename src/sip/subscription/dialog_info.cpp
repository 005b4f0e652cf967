#include "sip/subscription/dialog_info.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "sip/subscription/xml_reader.h"

namespace sidetone::sip {
namespace {

constexpr std::array states{WatchedState::trying, WatchedState::proceeding, WatchedState::early,
                            WatchedState::confirmed, WatchedState::terminated};

tl::unexpected<Error> bad(std::string_view wrong) {
  return fail(Layer::sip, Fault::syntax, fmt::format("dialog-info: {}", wrong));
}

std::optional<WatchedState> state_named(std::string_view name) {
  for (const auto state : states)
    if (to_string(state) == name) return state;
  return std::nullopt;
}

// Reads one document; what it does not know, it passes over (the schema is open: xs:any).
class Reader {
 public:
  explicit Reader(std::string_view body) : xml_(body) {}

  Expected<DialogInfo> read() {
    while (true) {
      const auto kind = xml_.next();
      if (!kind) return tl::make_unexpected(kind.error());
      if (*kind == XmlReader::Kind::done) return std::move(info_);
      Expected<void> taken;
      if (*kind == XmlReader::Kind::start) taken = start();
      if (*kind == XmlReader::Kind::text) taken = text();
      if (*kind == XmlReader::Kind::end) taken = end();
      if (!taken) return tl::make_unexpected(taken.error());
    }
  }

 private:
  static constexpr std::size_t dialog_depth = 2, child_depth = 3, participant_depth = 4;

  Expected<void> start() {
    const auto depth = xml_.depth();
    if (depth == 1) return root();
    if (depth == dialog_depth && xml_.name() == "dialog") return dialog();
    if (!in_dialog_) return {};
    text_.clear();
    if (depth == child_depth) {
      child_ = xml_.name();
      if (child_ == "state") return state_attributes();
    } else if (depth == participant_depth && participant()) {
      if (xml_.name() == "identity") participant()->display_name = xml_.attribute("display-name");
      if (xml_.name() == "target") participant()->target = xml_.attribute("uri");
    }
    return {};
  }

  Expected<void> root() {
    if (xml_.name() != "dialog-info") return bad("is another document");
    const auto version = parse_number<std::uint32_t>(xml_.attribute("version"));
    const auto state = xml_.attribute("state");
    if (!version) return bad("has no version");
    if (state != "full" && state != "partial") return bad("is neither full nor partial");
    info_.version = *version;
    info_.full = state == "full";
    info_.entity = xml_.attribute("entity");
    return {};
  }

  Expected<void> dialog() {
    if (info_.dialogs.size() >= DialogInfo::dialogs_max) return bad("has more than 64 dialogs");
    auto& dialog = info_.dialogs.emplace_back();
    dialog.id = xml_.attribute("id");
    dialog.call_id = xml_.attribute("call-id");
    dialog.local_tag = xml_.attribute("local-tag");
    dialog.remote_tag = xml_.attribute("remote-tag");
    dialog.direction = xml_.attribute("direction");
    if (dialog.id.empty()) return bad("has a dialog without id");
    in_dialog_ = true;
    has_state_ = false;
    return {};
  }

  Expected<void> state_attributes() {
    auto& dialog = info_.dialogs.back();
    dialog.event = xml_.attribute("event");
    dialog.code = parse_number<std::uint16_t>(xml_.attribute("code")).value_or(0);
    return {};
  }

  Expected<void> text() {
    // A comment may cut it in two.
    if (in_dialog_) text_ += xml_.text();
    return {};
  }

  Expected<void> end() {
    const auto depth = xml_.depth();  // of what is around it
    if (depth + 1 == dialog_depth && in_dialog_) {
      in_dialog_ = false;
      if (!has_state_) return bad("has a dialog without state");
    } else if (depth + 1 == child_depth && in_dialog_ && child_ == "state") {
      const auto state = state_named(trim(text_));
      if (!state) return bad("has a dialog in an unknown state");
      info_.dialogs.back().state = *state;
      has_state_ = true;
    } else if (depth + 1 == participant_depth && participant() && xml_.name() == "identity") {
      participant()->identity = trim(text_);
    }
    return {};
  }

  DialogParticipant* participant() {
    if (!in_dialog_) return nullptr;
    if (child_ == "local") return &info_.dialogs.back().local;
    if (child_ == "remote") return &info_.dialogs.back().remote;
    return nullptr;
  }

  XmlReader xml_;
  DialogInfo info_;
  bool in_dialog_ = false, has_state_ = false;
  std::string_view child_;
  std::string text_;
};

void put(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out += fmt::format(" {}=\"{}\"", name, XmlReader::escape(value));
}

void write_participant(std::string& out, std::string_view name, const DialogParticipant& participant) {
  if (participant == DialogParticipant{}) return;
  out += fmt::format("    <{}>\r\n", name);
  if (!participant.identity.empty()) {
    out += "      <identity";
    put(out, "display-name", participant.display_name);
    out += fmt::format(">{}</identity>\r\n", XmlReader::escape(participant.identity));
  }
  if (!participant.target.empty()) {
    out += "      <target";
    put(out, "uri", participant.target);
    out += "/>\r\n";
  }
  out += fmt::format("    </{}>\r\n", name);
}

void write_dialog(std::string& out, const WatchedDialog& dialog) {
  out += "  <dialog";
  put(out, "id", dialog.id);
  put(out, "call-id", dialog.call_id);
  put(out, "local-tag", dialog.local_tag);
  put(out, "remote-tag", dialog.remote_tag);
  put(out, "direction", dialog.direction);
  out += ">\r\n    <state";
  put(out, "event", dialog.event);
  if (dialog.code != 0) put(out, "code", std::to_string(dialog.code));
  out += fmt::format(">{}</state>\r\n", to_string(dialog.state));
  write_participant(out, "local", dialog.local);
  write_participant(out, "remote", dialog.remote);
  out += "  </dialog>\r\n";
}

}  // namespace

std::string_view to_string(WatchedState state) {
  switch (state) {
    case WatchedState::trying: return "trying";
    case WatchedState::proceeding: return "proceeding";
    case WatchedState::early: return "early";
    case WatchedState::confirmed: return "confirmed";
    case WatchedState::terminated: return "terminated";
  }
  return "";
}

Expected<DialogInfo> read_dialog_info(std::string_view body) { return Reader(body).read(); }

std::string write_dialog_info(const DialogInfo& info) {
  std::string out = "<?xml version=\"1.0\"?>\r\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\"";
  put(out, "version", std::to_string(info.version));
  put(out, "state", info.full ? "full" : "partial");
  out += fmt::format(" entity=\"{}\">\r\n", XmlReader::escape(info.entity));
  for (const auto& dialog : info.dialogs) write_dialog(out, dialog);
  out += "</dialog-info>\r\n";
  return out;
}

DialogTable::Outcome DialogTable::take(const DialogInfo& info) {
  // §4.3: "less than" is old; the same number again changes nothing either.
  if (has_version_ && info.version <= version_) return Outcome::old;
  const bool gap = !info.full && (!has_version_ || info.version != version_ + 1);
  has_version_ = true;
  version_ = info.version;
  if (info.full) dialogs_.clear();
  for (const auto& dialog : info.dialogs) {
    if (dialog.state == WatchedState::terminated)
      dialogs_.erase(dialog.id);
    else if (dialogs_.size() < DialogInfo::dialogs_max || dialogs_.contains(dialog.id))
      dialogs_[dialog.id] = dialog;
  }
  return gap ? Outcome::taken_with_gap : Outcome::taken;
}

}  // namespace sidetone::sip
