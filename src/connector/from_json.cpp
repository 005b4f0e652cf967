#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/text.h"
#include "connector/json.h"

namespace sidetone::connector {
namespace {

using boost::json::object;

tl::unexpected<Error> bad(std::string text, std::string remedy = {}) {
  return fail(Layer::engine, Fault::syntax, std::move(text), std::move(remedy));
}

Expected<std::string> text_of(const object& json, std::string_view key) {
  const auto* value = json.if_contains(key);
  if (value == nullptr || !value->is_string()) return bad(fmt::format("'{}' must be there as a string", key));
  return std::string(value->get_string());
}

Expected<CallId> named_call(const object& json, std::string_view key, std::string_view engine) {
  const auto text = text_of(json, key);
  if (!text) return tl::make_unexpected(text.error());
  return parse_call_id(engine, *text);
}

Expected<Command> dial(const object& json, std::string_view engine) {
  auto target = text_of(json, "target");
  if (!target) return tl::make_unexpected(target.error());
  Dial command{std::move(*target), {}, {}};
  if (json.if_contains("related_call") != nullptr) {
    const auto related = named_call(json, "related_call", engine);
    if (!related) return tl::make_unexpected(related.error());
    command.related_call = *related;
  }
  if (const auto* line = json.if_contains("line")) {
    const auto* number = line->if_int64();
    if (number == nullptr || *number < 0 || *number >= static_cast<std::int64_t>(lines_max))
      return bad("'line' must be a number from 0 to 5");
    command.line = LineId{static_cast<std::uint8_t>(*number)};
  }
  return Command(std::move(command));
}

Expected<Command> choose_devices(const object& json) {
  ChooseDevices command;
  for (const auto& [key, id] :
       {std::pair{"microphone", &command.microphone}, {"speaker", &command.speaker}}) {
    if (json.if_contains(key) == nullptr) continue;
    auto text = text_of(json, key);
    if (!text) return tl::make_unexpected(text.error());
    *id = std::move(*text);
  }
  return Command(std::move(command));
}

Expected<Command> process_voice(const object& json) {
  ProcessVoice command;
  bool any = false;
  for (const auto& [key, wish] : {std::pair{"gain_control", &command.gain_control},
                                  {"echo_control", &command.echo_control},
                                  {"noise_suppression", &command.noise_suppression}}) {
    const auto* value = json.if_contains(key);
    if (value == nullptr) continue;
    if (!value->is_bool()) return bad(fmt::format("'{}' must be true or false", key));
    *wish = value->get_bool();
    any = true;
  }
  if (!any) return bad("nothing is said of gain_control, echo_control or noise_suppression");
  return Command(command);
}

Expected<Command> ringer_volume(const object& json) {
  const auto* percent = json.if_contains("percent");
  if (percent == nullptr || !percent->is_int64() || percent->get_int64() < 0 || percent->get_int64() > 100)
    return bad("'percent' must be a number from 0 to 100");
  return Command(SetRingerVolume{static_cast<int>(percent->get_int64())});
}

Expected<CallId> call_of(const object& json, std::string_view engine, CallId only_call) {
  if (json.if_contains("call") == nullptr) {
    if (only_call) return only_call;
    return bad("'call' is missing, and there is not exactly one call alive", "name the call");
  }
  return named_call(json, "call", engine);
}

}  // namespace

Expected<object> parse_object(std::string_view text) {
  boost::system::error_code error;
  // Bound: no command needs more than a few levels or a few hundred bytes.
  boost::json::parse_options options;
  options.max_depth = 4;
  if (text.size() > 4096) return bad("a command has at most 4096 bytes");
  auto value = boost::json::parse(text, error, {}, options);
  if (error) return bad(fmt::format("this is no JSON: {}", error.message()), "send one JSON object per line");
  auto* json = value.if_object();
  if (json == nullptr)
    return bad("a command is a JSON object", R"(for example {"command": "dial", "target": "7002"})");
  return std::move(*json);
}

Expected<CallId> parse_call_id(std::string_view engine, std::string_view text) {
  if (text.substr(0, 2) != "c-") return bad(fmt::format("'{}' is no call id", text));
  auto rest = text.substr(2);
  const auto dash = rest.rfind('-');
  if (dash == std::string_view::npos) return bad(fmt::format("'{}' is no call id", text));
  if (rest.substr(0, dash) != engine)
    return fail(Layer::engine, Fault::not_found, fmt::format("'{}' is a call of another run", text));
  const auto number = parse_number<std::uint64_t>(rest.substr(dash + 1));
  if (!number) return bad(fmt::format("'{}' is no call id", text));
  return CallId{*number};
}

Expected<Command> command_from_json(std::string_view text, std::string_view engine, CallId only_call) {
  const auto parsed = parse_object(text);
  if (!parsed) return tl::make_unexpected(parsed.error());
  const auto* json = &*parsed;
  const auto name = text_of(*json, "command");
  if (!name) return tl::make_unexpected(name.error());

  const auto with_call = [&](auto make) -> Expected<Command> {
    const auto call = call_of(*json, engine, only_call);
    if (!call) return tl::make_unexpected(call.error());
    return Command(make(*call));
  };
  if (*name == "dial") return dial(*json, engine);
  if (*name == "answer") return with_call([](CallId c) { return Answer{c}; });
  if (*name == "hang_up_all") return Command(HangUpAll{});
  if (*name == "swap") return Command(Swap{});
  if (*name == "redirect" || *name == "transfer") {
    auto target = text_of(*json, "target");
    if (!target) return tl::make_unexpected(target.error());
    if (*name == "redirect") return with_call([&](CallId c) { return Redirect{c, *target}; });
    return with_call([&](CallId c) { return Transfer{c, *target}; });
  }
  if (*name == "complete_transfer") {
    const auto consult = named_call(*json, "consult", engine);
    if (!consult) return tl::make_unexpected(consult.error());
    return with_call([&](CallId c) { return CompleteTransfer{c, *consult}; });
  }
  if (*name == "hang_up") return with_call([](CallId c) { return HangUp{c}; });
  if (*name == "hold") return with_call([](CallId c) { return Hold{c}; });
  if (*name == "resume") return with_call([](CallId c) { return Resume{c}; });
  if (*name == "reject") {
    int status = 486;
    if (const auto* given = json->if_contains("status")) {
      if (!given->is_int64() || given->get_int64() < 400 || given->get_int64() > 699)
        return bad("'status' must be a number from 400 to 699");
      status = static_cast<int>(given->get_int64());
    }
    return with_call([&](CallId c) { return Reject{c, status}; });
  }
  if (*name == "mute" || *name == "unmute")
    return with_call([&](CallId c) { return Mute{c, *name == "mute"}; });
  if (*name == "confer" || *name == "leave_conference")
    return with_call([&](CallId c) { return Confer{c, *name == "confer"}; });
  if (*name == "record" || *name == "play_file") {
    std::string path;
    if (json->if_contains("path") != nullptr) {
      auto given = text_of(*json, "path");
      if (!given) return tl::make_unexpected(given.error());
      path = std::move(*given);
    }
    if (*name == "record") return with_call([&](CallId c) { return Record{c, path}; });
    const auto* loop = json->if_contains("loop");
    if (loop != nullptr && !loop->is_bool()) return bad("'loop' must be true or false");
    return with_call([&](CallId c) { return PlayFile{c, path, loop != nullptr && loop->get_bool()}; });
  }
  if (*name == "dtmf") {
    auto digits = text_of(*json, "digits");
    if (!digits) return tl::make_unexpected(digits.error());
    return with_call([&](CallId c) { return SendDtmf{c, *digits}; });
  }
  if (*name == "register") {
    const auto* line = json->if_contains("line");
    const auto index = line != nullptr && line->is_int64() ? line->get_int64() : 0;
    if (index < 0 || index >= static_cast<std::int64_t>(lines_max))
      return bad("'line' must be a number from 0 to 5");
    return Command(RegisterNow{LineId{static_cast<std::uint8_t>(index)}});
  }
  if (*name == "choose_devices") return choose_devices(*json);
  if (*name == "process_voice") return process_voice(*json);
  if (*name == "ringer_volume") return ringer_volume(*json);
  if (*name == "test_ringer") return Command(TestRinger{});
  if (*name == "stop") return Command(Stop{});
  return bad(
      fmt::format("there is no command '{}'", *name),
      "known: dial answer reject redirect hang_up hang_up_all hold resume swap transfer complete_transfer "
      "mute unmute confer leave_conference record play_file dtmf register choose_devices process_voice "
      "ringer_volume test_ringer snapshot "
      "statistics history reload set_options option stop");
}

std::optional<Expected<CallId>> statistics_asked(std::string_view text, std::string_view engine,
                                                 CallId only_call) {
  const auto json = parse_object(text);
  if (!json) return std::nullopt;
  const auto name = text_of(*json, "command");
  if (!name || *name != "statistics") return std::nullopt;
  return call_of(*json, engine, only_call);
}

}  // namespace sidetone::connector
