#include "daemon/up_probe.h"

#include <curl/curl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool probe_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    bool answers;
    int fd;

    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >=
        (int)sizeof address.sun_path)
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    answers = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return answers;
}

static size_t discard(char *bytes, size_t size, size_t count, void *into)
{
    (void)bytes;
    (void)into;
    return size * count;
}

bool probe_https(const char *url, const char *ca)
{
    CURL *curl = curl_easy_init();
    long status = 0;

    if (curl == NULL)
        return false;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 2000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return status == 200;
}
