#include "labhost/control_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/serialize.hpp>
#include <deque>

#include "tlib/json.h"

namespace sidetone::lab {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::system::error_code;

constexpr std::size_t clients_max = 64;              // desktops, scripts and a screen on the wall
constexpr std::size_t message_size_max = 64 * 1024;  // as tlib::request_from_json
constexpr std::size_t unread_max = 10000;  // events that wait for a client: some seconds of a load run
constexpr std::size_t request_header_max = 16 * 1024;
constexpr auto handshake_patience = std::chrono::seconds(10);

std::shared_ptr<const std::string> text_of(const boost::json::object& message) {
  return std::make_shared<const std::string>(boost::json::serialize(message));
}

}  // namespace

class ControlService::Client : public std::enable_shared_from_this<Client> {
 public:
  Client(ControlService& service, asio::ip::tcp::socket socket)
      : service_(service), stream_(std::move(socket)) {}

  void start() {
    stream_.next_layer().expires_after(handshake_patience);
    parser_.header_limit(request_header_max);
    http::async_read(stream_.next_layer(), buffer_, parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->leave();
                       self->admit();
                     });
  }

  void send(std::shared_ptr<const std::string> text) {
    if (!open_) return;
    if (unread_.size() >= unread_max) {
      service_.log(LogLevel::warning, "a control client does not read its events and is dropped");
      return close();
    }
    unread_.push_back(std::move(text));
    if (unread_.size() == 1) write();
  }

  void close() {
    open_ = false;
    beast::get_lowest_layer(stream_).close();
  }

 private:
  void admit() {
    const auto& request = parser_.get();
    const auto origin = request[http::field::origin];
    const auto& admitted = service_.settings_.origins;
    if (!origin.empty() && std::find(admitted.begin(), admitted.end(), std::string(origin)) == admitted.end())
      return refuse(
          http::status::forbidden,
          fmt::format("pages of {} are not admitted: start the lab with --origin\n", std::string(origin)));
    if (!websocket::is_upgrade(request))
      return refuse(http::status::upgrade_required,
                    "connect with a WebSocket, and send T-Library requests\n");
    stream_.next_layer().expires_never();
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    stream_.read_message_max(message_size_max);
    stream_.async_accept(request, [self = shared_from_this()](error_code error) {
      if (error) return self->leave();
      self->open_ = true;
      self->read();
    });
  }

  void refuse(http::status status, std::string text) {
    response_ = {status, parser_.get().version(), std::move(text)};
    response_.set(http::field::content_type, "text/plain");
    response_.keep_alive(false);
    response_.prepare_payload();
    http::async_write(stream_.next_layer(), response_,
                      [self = shared_from_this()](error_code, std::size_t) { self->leave(); });
  }

  void read() {
    buffer_.clear();
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return self->leave();
      self->take(beast::buffers_to_string(self->buffer_.data()));
      if (self->open_) self->read();
    });
  }

  void take(std::string_view text) {
    const auto request = tlib::request_from_json(text);
    if (request) return service_.asked_(*request);
    boost::json::object answer;
    answer["event"] = tlib::name_of(tlib::EventName::error);
    answer["error"] = tlib::name_of(tlib::ErrorCode::bad_request);
    answer["text"] = request.error().text;
    send(text_of(answer));
  }

  void write() {
    stream_.text(true);
    stream_.async_write(asio::buffer(*unread_.front()),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (error) return self->leave();
                          self->unread_.pop_front();
                          if (!self->unread_.empty()) self->write();
                        });
  }

  void leave() {
    close();
    service_.clients_.erase(shared_from_this());
  }

  ControlService& service_;
  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_{message_size_max + request_header_max};
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  std::deque<std::shared_ptr<const std::string>> unread_;
  bool open_ = false;
};

ControlService::ControlService(asio::io_context& io, ControlSettings settings, Asked asked, LogSink& log,
                               const engine::SteadyTime& clock)
    : io_(io),
      settings_(std::move(settings)),
      asked_(std::move(asked)),
      log_(log),
      clock_(clock),
      acceptor_(io) {}

ControlService::~ControlService() { stop(); }

Expected<Address> ControlService::listen(const Address& address) {
  error_code error;
  const asio::ip::tcp::endpoint wanted(asio::ip::make_address(address.ip.to_string(), error), address.port);
  if (!error) acceptor_.open(wanted.protocol(), error);
  if (!error) acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(wanted, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(
        Layer::lab, Fault::busy,
        fmt::format("control clients cannot be listened to on {}: {}", address.to_string(), error.message()),
        "choose another --control");
  accept();
  return Address{address.ip, acceptor_.local_endpoint().port()};
}

void ControlService::accept() {
  acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
    if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error && clients_.size() < clients_max) {
      auto client = std::make_shared<Client>(*this, std::move(socket));
      clients_.insert(client);
      client->start();
    } else if (!error) {
      log(LogLevel::warning,
          fmt::format("there are {} control clients; one more was not admitted", clients_max));
    }
    accept();
  });
}

void ControlService::tell(const boost::json::object& message) {
  const auto text = text_of(message);
  for (const auto& client : clients_) client->send(text);
}

void ControlService::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& client : clients_) client->close();
}

void ControlService::log(LogLevel level, std::string text) const {
  if (log_.wants(LogTag::lab, level)) log_.write({clock_.now(), level, LogTag::lab, {}, {}, std::move(text)});
}

}  // namespace sidetone::lab
