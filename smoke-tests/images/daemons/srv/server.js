require("http").createServer((request, response) => response.end("one")).listen(8080, "127.0.0.1");
