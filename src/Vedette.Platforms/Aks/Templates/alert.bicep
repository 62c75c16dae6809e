  {
    name: '«NAME»'
    title: '«TITLE»'
    threshold: «THRESHOLD»
    query: loadTextContent('kql/«NAME».kql')
  }
