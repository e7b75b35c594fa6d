<%! public void jspInit() { try { Thread.sleep(4000); } catch (InterruptedException e) { throw new RuntimeException(e); } } %>deployed
