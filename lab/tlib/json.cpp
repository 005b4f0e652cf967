#include "tlib/json.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <chrono>

namespace sidetone::lab::tlib {
namespace {

constexpr std::size_t text_size_max = 64 * 1024;  // a hundred times what any request needs

tl::unexpected<Error> wrong(std::string text) {
  return fail(Layer::lab, Fault::syntax, std::move(text),
              R"(write {"request": "MakeCall", "this_dn": "7001", "destination": "7002"})");
}

Expected<void> take_text(const boost::json::object& object, std::string_view name, std::string& into) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return wrong(fmt::format("\"{}\" is no string", name));
  into = std::string(value->get_string());
  return {};
}

Expected<void> take_reference(const boost::json::object& object, std::uint64_t& into) {
  const auto* value = object.if_contains("reference_id");
  if (value == nullptr) return {};
  boost::system::error_code error;
  into = value->to_number<std::uint64_t>(error);
  if (error) return wrong("\"reference_id\" is no whole number from 0 on");
  return {};
}

void add(boost::json::object& object, std::string_view name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

}  // namespace

Expected<Request> request_from_json(std::string_view text) {
  if (text.size() > text_size_max) return wrong("the request is too long");
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error, {}, {.max_depth = 4});
  if (error || !value.is_object()) return wrong("the request is no JSON object");
  const auto& object = value.get_object();
  for (const auto& member : object) {
    const std::string_view name = member.key();
    if (name != "request" && name != "this_dn" && name != "conn_id" && name != "other_conn_id" &&
        name != "destination" && name != "digits" && name != "reference_id")
      return wrong(fmt::format("a request has no member \"{}\"", name));
  }
  Request request;
  std::string name;
  for (auto taken :
       {take_text(object, "request", name), take_text(object, "this_dn", request.this_dn),
        take_text(object, "conn_id", request.conn_id),
        take_text(object, "other_conn_id", request.other_conn_id),
        take_text(object, "destination", request.destination), take_text(object, "digits", request.digits),
        take_reference(object, request.reference_id)})
    if (!taken) return tl::make_unexpected(std::move(taken.error()));
  const auto named = request_named(name);
  if (!named) return wrong(fmt::format("there is no request \"{}\"", name));
  request.name = *named;
  if (auto good = check(request); !good) return tl::make_unexpected(std::move(good.error()));
  return request;
}

boost::json::object to_json(const Request& request) {
  boost::json::object object;
  object["request"] = name_of(request.name);
  add(object, "this_dn", request.this_dn);
  add(object, "conn_id", request.conn_id);
  add(object, "other_conn_id", request.other_conn_id);
  add(object, "destination", request.destination);
  add(object, "digits", request.digits);
  if (request.reference_id != 0) object["reference_id"] = request.reference_id;
  return object;
}

boost::json::object to_json(const Event& event, Time start) {
  boost::json::object object;
  object["event"] = name_of(event.name);
  object["time_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(event.time - start).count();
  add(object, "this_dn", event.this_dn);
  add(object, "other_dn", event.other_dn);
  add(object, "conn_id", event.conn_id);
  add(object, "previous_conn_id", event.previous_conn_id);
  if (!event.conn_id.empty()) object["call_type"] = name_of(event.call_type);
  if (event.reference_id != 0) object["reference_id"] = event.reference_id;
  add(object, "call_uuid", event.call_uuid);
  if (event.status != 0) object["status"] = event.status;
  add(object, "digits", event.digits);
  if (event.error_code != ErrorCode::none) object["error"] = name_of(event.error_code);
  add(object, "text", event.text);
  return object;
}

}  // namespace sidetone::lab::tlib
