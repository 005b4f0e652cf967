/* The same user agent server on libre's sipsess.   bench_libre_uas PORT */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <re.h> /* its headers need those above */

struct call {
  struct sipsess* session;
};

static const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

static struct sip* sip;
static struct sipsess_sock* sessions;
static unsigned long calls;

static int on_offer(struct mbuf** answer, const struct sip_msg* message, void* data) {
  (void)answer, (void)message, (void)data;
  return ENOSYS;
}
static int on_answer(const struct sip_msg* message, void* data) {
  (void)message, (void)data;
  return 0;
}
static void on_established(const struct sip_msg* message, void* data) { (void)message, (void)data; }
static void on_closed(int error, const struct sip_msg* message, void* data) {
  struct call* call = data;
  (void)error, (void)message;
  calls++;
  mem_deref(call->session);
  mem_deref(call);
}

static void on_invite(const struct sip_msg* message, void* data) {
  struct call* call;
  struct mbuf* body;
  (void)data;
  if (pl_strcmp(&message->uri.user, "busy") == 0) {
    sip_treply(NULL, sip, message, 486, "Busy Here");
    return;
  }
  call = mem_zalloc(sizeof *call, NULL);
  body = mbuf_alloc(sizeof description);
  mbuf_write_str(body, description);
  body->pos = 0;
  if (sipsess_accept(&call->session, sessions, message, 200, "OK", "bench", "application/sdp", body, NULL,
                     NULL, false, on_offer, on_answer, on_established, NULL, NULL, on_closed, call,
                     NULL) != 0)
    mem_deref(call);
  mem_deref(body);
}

static bool on_request(const struct sip_msg* message, void* data) {
  (void)data;
  if (pl_strcmp(&message->met, "OPTIONS") != 0) return false;
  sip_treply(NULL, sip, message, 200, "OK");
  return true;
}

static void on_signal(int number) {
  (void)number;
  re_cancel();
}

int main(int argc, char** argv) {
  struct sa local;
  struct sip_lsnr* listener;
  if (argc != 2) return 2;
  libre_init();
  poll_method_set(METHOD_EPOLL);
  sa_set_str(&local, "127.0.0.1", (uint16_t)atoi(argv[1]));
  /* Tables of a size for servers: with baresip's 32 buckets each look-up would be a long walk. */
  if (sip_alloc(&sip, NULL, 65536, 65536, 32, "bench", NULL, NULL) != 0 ||
      sip_transp_add(sip, SIP_TRANSP_UDP, &local) != 0 ||
      sipsess_listen(&sessions, sip, 65536, on_invite, NULL) != 0 ||
      sip_listen(&listener, sip, true, on_request, NULL) != 0)
    return fprintf(stderr, "port %s cannot be bound\n", argv[1]), 1;
  printf("ready\n");
  fflush(stdout);
  re_main(on_signal);
  printf("calls %lu\n", calls);
  return 0;
}
