#include "labhost/control_client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tlib/json.h"

namespace sidetone::lab {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;

namespace {
tl::unexpected<Error> lost(const error_code& error) {
  return fail(Layer::lab, Fault::io, fmt::format("the lab is gone: {}", error.message()), {});
}
}  // namespace

struct ControlClient::Impl {
  asio::io_context io{1};
  websocket::stream<beast::tcp_stream> stream{io};
  beast::flat_buffer buffer;
  bool reading = false;
  std::optional<error_code> read;  // what became of the read that is under way
};

ControlClient::ControlClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlClient::ControlClient(ControlClient&&) noexcept = default;
ControlClient::~ControlClient() = default;

Expected<ControlClient> ControlClient::connect(const Address& service) {
  auto impl = std::make_unique<Impl>();
  error_code error;
  const asio::ip::tcp::endpoint there(asio::ip::make_address(service.ip.to_string(), error), service.port);
  if (!error) impl->stream.next_layer().socket().connect(there, error);
  if (!error) impl->stream.handshake(service.to_string(), "/", error);
  if (error)
    return fail(Layer::lab, Fault::unreachable,
                fmt::format("no lab takes requests at {}: {}", service.to_string(), error.message()),
                "start sidetone-lab, or name its --control address");
  return ControlClient(std::move(impl));
}

Expected<void> ControlClient::send(const tlib::Request& request) {
  error_code error;
  impl_->stream.text(true);
  impl_->stream.write(asio::buffer(boost::json::serialize(tlib::to_json(request))), error);
  if (error) return lost(error);
  return {};
}

Expected<std::optional<boost::json::object>> ControlClient::next(std::chrono::milliseconds patience) {
  auto& impl = *impl_;
  if (!impl.reading) {
    impl.reading = true;
    impl.stream.async_read(impl.buffer, [&impl](error_code error, std::size_t) { impl.read = error; });
  }
  impl.io.restart();
  impl.io.run_for(patience);
  if (!impl.read) return std::nullopt;
  impl.reading = false;
  if (const auto error = *std::exchange(impl.read, std::nullopt)) return lost(error);
  const auto text = beast::buffers_to_string(impl.buffer.data());
  impl.buffer.clear();
  error_code wrong;
  auto value = boost::json::parse(text, wrong);
  if (wrong || !value.is_object())
    return fail(Layer::lab, Fault::syntax, "the lab told something that is no JSON object", {});
  return std::move(value.get_object());
}

}  // namespace sidetone::lab
