String said = new File(basedir, 'target/said').text
assert said.contains('life 1 on Java ') && said.contains('life 2 on Java '): said
assert said.contains('module dev.soleinit.lifecycle') && said.contains('fenced\n'): said
String version = new File(basedir, 'pom.xml').text.find(~/lifecycle<\/artifactId>\s*<version>([^<]+)/) { it[1] }
File published = new File(basedir, '../../repository/dev/soleinit')
['.jar', '.pom', '-sources.jar', '-javadoc.jar'].each {
    assert new File(published, "soleinit-lifecycle/$version/soleinit-lifecycle-$version$it").length() > 0: it
}
String pom = new File(published, "soleinit-parent/$version/soleinit-parent-${version}.pom").text
['name', 'description', 'url', 'licenses', 'developers', 'scm'].each { assert pom.contains("<$it"): it }
return true
